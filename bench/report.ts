import type { Measured } from './task.ts'

/** What a benchmark found, as it is kept in JSON. */
export interface Report {
  readonly at: string
  readonly machine: string
  readonly engine: { readonly memoryLimit: string; readonly threads: number }
  readonly results: readonly FormatResult[]
}

export interface FormatResult {
  readonly format: string
  readonly rows: number
  readonly bytesIn: number
  readonly billed: string
  /** Processes that wanted to run, on average over a minute: beyond the number of cores the machine was busy. */
  readonly load: number
  /** Widest spread of a task's runs around its median: 0.1 is 10 %. */
  readonly noise: number
  readonly tasks: Readonly<Record<string, readonly Measured[]>>
}

/** Beyond that spread a difference between two reports says little. */
export const noisy = 0.15

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The largest distance from the median, as a share of it. */
export function noise(numbers: readonly number[]): number {
  const middle = median(numbers)
  return Math.max(...numbers.map((number) => Math.abs(number - middle) / middle))
}

type Figure = 'seconds' | 'processorSeconds' | 'peakMegabytes' | 'bytesOut'

export function medianOf({ tasks }: FormatResult, task: string, figure: Figure): number {
  return median((tasks[task] ?? []).map((measured) => measured[figure]))
}

const header = [
  'format',
  'rows',
  'in, MB',
  'out, MB',
  'run, s',
  'rows/s',
  'processor, s',
  'peak, MB',
  'row groups',
  'of a service',
  'of a service and day',
  '× bare copy',
  '× FOCUS query',
  '× processor of bare copy',
]

function rowGroupsOf({ tasks }: FormatResult): string[] {
  const counts = tasks['whole run']?.[0]?.rowGroups
  if (counts === undefined) return ['', '', '']
  return [String(counts.all), counts.service.toFixed(1), counts.serviceAndDay.toFixed(1)]
}

/** A table for people: medians, and a line for each format whose runs spread too far to be trusted. */
export function markdown({ at, machine, engine, results }: Report): string {
  const rows = results.map((result) => {
    const of = (task: string, figure: Figure) => medianOf(result, task, figure)
    const run = of('whole run', 'seconds')
    const processor = of('whole run', 'processorSeconds')
    return [
      result.format,
      result.rows.toLocaleString('en'),
      (result.bytesIn / 1e6).toFixed(0),
      (of('whole run', 'bytesOut') / 1e6).toFixed(0),
      run.toFixed(1),
      Math.round(result.rows / run).toLocaleString('en'),
      processor.toFixed(1),
      of('whole run', 'peakMegabytes').toFixed(0),
      ...rowGroupsOf(result),
      (run / of('bare copy', 'seconds')).toFixed(2),
      (run / of('FOCUS query', 'seconds')).toFixed(2),
      (processor / of('bare copy', 'processorSeconds')).toFixed(2),
    ]
  })
  const lines = [header, header.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
  const busy = results
    .filter((result) => result.noise > noisy)
    .map(
      ({ format, noise: spread, load }) =>
        `Noisy: ${format}, runs differ by up to ${(spread * 100).toFixed(0)} % from their median, load ${load.toFixed(1)}.`,
    )
  return [
    `${at.slice(0, 10)}, ${machine}, memoryLimit ${engine.memoryLimit}, threads ${engine.threads}`,
    '',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
    ...(busy.length > 0 ? ['', ...busy] : []),
    '',
  ].join('\n')
}
