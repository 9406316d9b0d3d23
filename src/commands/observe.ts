import { readFileSync } from 'node:fs'
import { describeError } from '../core/errors.ts'
import type { Report } from '../pipeline/events.ts'
import { freshnessOf } from '../pipeline/freshness.ts'
import { readUnits, type RunRecord } from '../pipeline/state.ts'
import { recordTimeline } from '../telemetry/timeline.ts'
import type { Configured } from './configured.ts'
import type { Terminal } from './terminal.ts'

/**
 * Does a run and measures it, where somebody wants to know: the configuration's metricsFile, or an OTLP collector named
 * by OTEL_EXPORTER_OTLP_ENDPOINT. What cannot be told of a run is one line on standard error, and changes nothing of it.
 */
export async function observed(
  { config, lake }: Configured,
  terminal: Terminal,
  report: Report,
  work: (report: Report) => Promise<RunRecord>,
): Promise<RunRecord> {
  const collector = wantsTelemetry(terminal.env)
  if (config.metricsFile === undefined && !collector) return work(report)
  const recorder = recordTimeline(terminal.now)
  const finish = async (outcome: RunRecord['outcome']) => {
    const units = await readUnits(lake)
    const measured = {
      timeline: recorder.timeline(),
      outcome,
      units,
      freshness: freshnessOf(units, config.sources, terminal.now()),
    }
    if (config.metricsFile !== undefined) {
      const { writeMetricsFile } = await import('../telemetry/prometheus.ts')
      await writeMetricsFile(config.metricsFile, measured)
    }
    if (collector) await (await import('../telemetry/otel.ts')).exportTelemetry(measured, version())
  }
  const finishQuietly = (outcome: RunRecord['outcome']) =>
    finish(outcome).catch((error: unknown) =>
      terminal.stderr.write(`the run could not be told to its observers: ${describeError(error).split('\n')[0]}\n`),
    )
  try {
    const record = await work((event) => {
      recorder.report(event)
      report(event)
    })
    await finishQuietly(record.outcome)
    return record
  } catch (error) {
    await finishQuietly('failed')
    throw error
  }
}

/** As the OpenTelemetry specification has it: an endpoint for all, or for one kind of data; or all of it switched off. */
function wantsTelemetry(env: Terminal['env']): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false
  const endpoint = ['', 'TRACES_', 'METRICS_'].some((kind) => env[`OTEL_EXPORTER_OTLP_${kind}ENDPOINT`])
  return endpoint
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
