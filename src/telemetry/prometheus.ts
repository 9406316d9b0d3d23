import { mkdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { failedChecks, type Measured } from './measures.ts'

interface Metric {
  readonly name: string
  readonly help: string
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

/** Writes the metrics whole or not at all, as node_exporter's textfile collector wants them. */
export async function writeMetricsFile(file: string, measured: Measured): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  // The collector reads *.prom only.
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, prometheusText(measured), { mode: 0o644 })
  await rename(draft, file)
}

/** The text exposition format, version 0.0.4. Ages are told as times, since nobody knows when the file is read. */
export function prometheusText(measured: Measured): string {
  return metricsOf(measured)
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`)
      return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines, ''].join('\n')
    })
    .join('')
}

function metricsOf({ timeline, outcome, units, freshness }: Measured): Metric[] {
  const { startedAt, endedAt, units: spans, failedSources } = timeline
  const one = (value: number) => [{ labels: {}, value }]
  const bySource = (value: (fresh: Measured['freshness'][number]) => number) =>
    freshness.map((fresh) => ({ labels: { source: fresh.source }, value: value(fresh) }))
  const results = ['published', 'up to date', 'waiting', 'failed'] as const
  return [
    { name: 'focal_last_run_timestamp_seconds', help: 'When the last run ended.', samples: one(endedAt / 1000) },
    {
      name: 'focal_last_run_success',
      help: '1 when all of the last run went well.',
      samples: one(outcome === 'done' ? 1 : 0),
    },
    { name: 'focal_last_run_seconds', help: 'How long the last run took.', samples: one((endedAt - startedAt) / 1000) },
    {
      name: 'focal_last_run_units',
      help: 'Billing periods of sources that the last run looked at, by what came of them.',
      samples: results.map((result) => ({
        labels: { result },
        value: spans.filter((span) => span.result === result).length,
      })),
    },
    {
      name: 'focal_last_run_failed_sources',
      help: 'Sources that could not be looked at.',
      samples: one(failedSources.length),
    },
    {
      name: 'focal_last_run_stage_seconds',
      help: 'How long each stage of what the last run published took.',
      samples: spans.flatMap(({ source, period, stages }) =>
        stages.map((stage) => ({
          labels: { source, period, stage: stage.name },
          value: (stage.endedAt - stage.startedAt) / 1000,
        })),
      ),
    },
    {
      name: 'focal_last_run_fetched_bytes',
      help: 'Bytes that the last run brought.',
      samples: spans.flatMap(({ source, period, bytes }) =>
        bytes > 0 ? [{ labels: { source, period }, value: bytes }] : [],
      ),
    },
    {
      name: 'focal_published_rows',
      help: 'FOCUS rows in the lake.',
      samples: units.map(({ source, period, rows }) => ({ labels: { source, period }, value: rows })),
    },
    {
      name: 'focal_source_data_timestamp_seconds',
      help: 'When the newest usage of a source begins.',
      samples: bySource(({ dataUntil }) => Date.parse(dataUntil) / 1000),
    },
    {
      name: 'focal_source_data_limit_seconds',
      help: 'The age at which the data of a source is stale, by its own habit.',
      samples: bySource(({ limitHours }) => limitHours * 3600),
    },
    {
      name: 'focal_source_stale',
      help: '1 when the data of a source was stale after the last run.',
      samples: bySource(({ stale }) => (stale ? 1 : 0)),
    },
    {
      name: 'focal_checks_failed',
      help: 'FOCUS rules that published rows of a source break.',
      samples: [...failedChecks(units)].map(([source, value]) => ({ labels: { source }, value })),
    },
  ]
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
