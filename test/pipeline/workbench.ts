import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { loadConfig, type Config } from '../../src/config/config.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { run, type RunRequest } from '../../src/pipeline/run.ts'
import { localSink } from '../../src/sinks/local.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { readUnit, type RunRecord, type UnitRecord } from '../../src/pipeline/state.ts'

export interface World {
  readonly today?: string
  readonly signal?: AbortSignal
  readonly report?: (event: RunEvent) => void
  /** The lake as the run sees it, for what happens to it meanwhile. */
  readonly lakeOf?: (own: Sink) => Sink
}

/** A configuration on disk with one source over `bills`, and what is needed to run it. */
export interface Workbench {
  readonly folder: string
  readonly bills: string
  readonly lake: string
  readonly configFile: string
  /** What a run says of each unit and source: `2026-09 published: first delivery d1`. */
  run(request?: RunRequest, world?: World): Promise<string[]>
  record(request?: RunRequest, world?: World): Promise<RunRecord>
  config(): Promise<Config>
  unit(period: string, source?: string): Promise<UnitRecord | undefined>
  /**
   * Writes the configuration again with more in it; each line as it stands in YAML. On two threads, as it is at first,
   * two months are made at a time; on one, each after the other.
   */
  configure(lines: {
    threads?: 1 | 2
    top?: readonly string[]
    source?: readonly string[]
    more?: readonly string[]
  }): void
}

let runs = 0

/** Everything lies below `folder`; `bills` may be shared by several. */
export function workbench(
  folder: string,
  bills = path.join(folder, 'bills'),
  env: Readonly<Record<string, string>> = {},
): Workbench {
  mkdirSync(folder, { recursive: true })
  mkdirSync(bills, { recursive: true })
  const configFile = path.join(folder, 'focal.yaml')
  const lake = path.join(folder, 'lake')
  const bench: Workbench = {
    folder,
    bills,
    lake,
    configFile,
    config: () => loadConfig(configFile, env),
    unit: (period, source = 'tiny') => readUnit(localSink(lake), source, period),
    async record(
      request = {},
      { today = '2026-11-20', signal, report = () => undefined, lakeOf = (own: Sink) => own } = {},
    ) {
      runs += 1
      const runId = `run-${process.pid}-${String(runs).padStart(6, '0')}`
      return run(
        {
          config: await bench.config(),
          lake: lakeOf(localSink(lake)),
          runId,
          now: () => new Date(`${today}T06:00:00Z`),
          report,
          signal,
        },
        request,
      )
    },
    async run(request, world) {
      const { units, failedSources } = await bench.record(request, world)
      return [
        ...units.map(({ period, result, detail }) => `${period} ${result}: ${detail}`),
        ...failedSources.map(({ source, detail }) => `${source} failed: ${detail}`),
      ]
    },
    configure({ threads = 2, top = [], source = [], more = [] }) {
      const own = ['name: tiny', 'connector: aws', `location: ${bills}`, ...source]
      const text = [
        'lake: ./lake',
        `engine: { memoryLimit: 1GB, threads: ${threads} }`,
        ...top,
        'sources:',
        item(own),
        ...more,
      ]
      writeFileSync(configFile, `${text.join('\n')}\n`)
    },
  }
  bench.configure({})
  return bench
}

function item(lines: readonly string[]): string {
  return lines.map((line, index) => `  ${index === 0 ? '-' : ' '} ${line}`).join('\n')
}

/** SHA-256 of every file below `folder` by its path there, sorted; nothing when it does not exist. */
export function hashes(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted()
  return Object.fromEntries(paths.map((file) => [path.relative(folder, file), sha256(readFileSync(file))]))
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** What readers see: partitions and kept versions. */
export function published(lake: string): Record<string, string> {
  return Object.fromEntries(Object.entries(hashes(lake)).filter(([file]) => /^(focus|history)\//.test(file)))
}

/** For JSON.parse: records without the times and run ids, which differ from run to run. */
export const timeless = (key: string, value: unknown) =>
  ['runId', 'publishedAt', 'seconds'].includes(key) ? undefined : value

/** Unit records without the times and run ids, which differ from run to run. */
export function records(lake: string): unknown {
  const units = path.join(lake, '_focal', 'units')
  const files = Object.keys(hashes(units))
  return Object.fromEntries(
    files.map((file) => [file, JSON.parse(readFileSync(path.join(units, file), 'utf8'), timeless) as unknown]),
  )
}

/** What no run may leave behind: files written aside, scratch files, the lock. */
export function leftovers({ folder, lake }: Pick<Workbench, 'folder' | 'lake'>): string[] {
  const own = existsSync(path.join(lake, '_focal')) ? readdirSync(path.join(lake, '_focal')) : []
  const scratch = path.join(folder, '.focal', 'scratch')
  const temporary = Object.keys(hashes(lake)).filter((file) => file.endsWith('.tmp'))
  return [
    ...own.filter((name) => !['runs', 'units'].includes(name)),
    ...temporary,
    ...(existsSync(scratch) ? readdirSync(scratch) : []),
  ]
}
