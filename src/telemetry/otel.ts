import { SpanStatusCode, trace, ROOT_CONTEXT, type Meter, type Tracer } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { failedChecks, type Measured } from './measures.ts'
import type { Timeline, UnitSpan } from './timeline.ts'

/**
 * Sends a run to an OTLP collector: one trace (run, units, their stages) and its metrics. Where to, with what headers and
 * how patiently, the standard OTEL_… variables say. Throws when the collector did not take it.
 */
export async function exportTelemetry(measured: Measured, version: string): Promise<void> {
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'focal', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }))
  const spans = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: 3_600_000,
  })
  const meters = new MeterProvider({ resource, readers: [reader] })
  writeSpans(spans.getTracer('focal', version), measured)
  writeMetrics(meters.getMeter('focal', version), measured)
  // Shutting down sends what is left, and says so when it fails; flushing before would be a second wait then.
  const results = await Promise.allSettled([spans.shutdown(), meters.shutdown()])
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** The run is over: spans are written with the times that they had. */
function writeSpans(tracer: Tracer, { timeline, outcome }: Measured): void {
  const { runId, startedAt, endedAt, units, failedSources } = timeline
  const attributes = { 'focal.run.id': runId, 'focal.run.outcome': outcome, 'focal.failed_sources': [...failedSources] }
  const run = tracer.startSpan('focal run', { startTime: startedAt, attributes }, ROOT_CONTEXT)
  const inRun = trace.setSpan(ROOT_CONTEXT, run)
  for (const unit of units) {
    const span = tracer.startSpan('unit', { startTime: unit.startedAt, attributes: unitAttributes(unit) }, inRun)
    const inUnit = trace.setSpan(inRun, span)
    for (const { name, startedAt: from, endedAt: to } of unit.stages) {
      tracer.startSpan(name, { startTime: from }, inUnit).end(to)
    }
    if (unit.result === 'failed') span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(unit.endedAt)
  }
  if (outcome !== 'done') run.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
  run.end(endedAt)
}

function unitAttributes({ source, period, result, bytes, record }: UnitSpan) {
  return {
    'focal.source': source,
    'focal.period': period,
    'focal.result': result,
    'focal.bytes': bytes,
    ...(record !== undefined && { 'focal.rows': record.rows, 'focal.version': record.version }),
  }
}

function writeMetrics(meter: Meter, { timeline, outcome, units, freshness }: Measured): void {
  writeRunMetrics(meter, timeline, outcome)
  const age = meter.createGauge('focal.source.data.age', {
    unit: 's',
    description: 'Age of the newest usage of a source.',
  })
  const limit = meter.createGauge('focal.source.data.limit', { unit: 's', description: 'Age at which it is stale.' })
  for (const { source, ageHours, limitHours } of freshness) {
    age.record(ageHours * 3600, { 'focal.source': source })
    limit.record(limitHours * 3600, { 'focal.source': source })
  }
  const checks = meter.createGauge('focal.checks.failed', {
    unit: '{rule}',
    description: 'FOCUS rules that published rows break.',
  })
  for (const [source, count] of failedChecks(units)) checks.record(count, { 'focal.source': source })
}

function writeRunMetrics(meter: Meter, { startedAt, endedAt, units }: Timeline, outcome: string): void {
  const duration = meter.createHistogram('focal.run.duration', { unit: 's' })
  duration.record((endedAt - startedAt) / 1000, { 'focal.run.outcome': outcome })
  const results = meter.createCounter('focal.units', { unit: '{unit}' })
  const rows = meter.createCounter('focal.rows', { unit: '{row}', description: 'FOCUS rows published.' })
  const bytes = meter.createCounter('focal.bytes', { unit: 'By', description: 'Bytes brought.' })
  const stages = meter.createHistogram('focal.stage.duration', { unit: 's' })
  for (const unit of units) {
    const attributes = { 'focal.source': unit.source }
    results.add(1, { ...attributes, 'focal.result': unit.result })
    rows.add(unit.record?.rows ?? 0, attributes)
    bytes.add(unit.bytes, attributes)
    for (const stage of unit.stages) {
      stages.record((stage.endedAt - stage.startedAt) / 1000, { ...attributes, 'focal.stage': stage.name })
    }
  }
}
