import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { loadConfig } from '../src/config/config.ts'
import { openSession, quoteText, type Session } from '../src/core/duckdb.ts'
import { readBeside } from '../src/core/sql.ts'
import { run } from '../src/pipeline/run.ts'
import { readUnits } from '../src/pipeline/state.ts'
import { localSink } from '../src/sinks/local.ts'
import { transforms } from '../src/transforms/index.ts'
import { formats, type Bill, type Format } from './formats.ts'

/**
 * One measurement in a process of its own, so that its memory is its own: `node task.ts <request as JSON>`. Prints a
 * `Measured` as JSON.
 */
export interface TaskRequest {
  readonly task: 'whole run' | 'bare copy' | 'FOCUS query'
  readonly format: string
  readonly bill: Bill
  readonly engine: { readonly memoryLimit: string; readonly threads: number }
}

export interface Measured {
  readonly seconds: number
  /** Processor time of all threads. On a busy machine it says more than `seconds`. */
  readonly processorSeconds: number
  readonly peakMegabytes: number
  /** Bytes of the Parquet file that was written. */
  readonly bytesOut: number
  /** Exact decimal text, where the rows were made FOCUS rows. */
  readonly billed?: string
  readonly rows?: number
  /** Row groups of the partition, and how many of them a query of one service reads, and of one service and day, on average. */
  readonly rowGroups?: { readonly all: number; readonly service: number; readonly serviceAndDay: number }
  /** Seconds by step, of the whole run. */
  readonly steps?: Readonly<Record<string, number>>
}

const request = JSON.parse(process.argv[2] ?? '{}') as TaskRequest
const format = formats.find(({ name }) => name === request.format)
if (format === undefined) throw new Error(`no format ${request.format}`)
const folder = await mkdtemp(path.join(tmpdir(), 'focal-bench-'))
try {
  const tasks = { 'whole run': wholeRun, 'bare copy': bareCopy, 'FOCUS query': focusQuery }
  process.stdout.write(JSON.stringify(await tasks[request.task](format)))
} finally {
  await rm(folder, { recursive: true, force: true })
}

type Work = Omit<Measured, 'seconds' | 'processorSeconds' | 'peakMegabytes'>

async function timed(work: () => Promise<Work>): Promise<Measured> {
  const processor = process.cpuUsage()
  const started = performance.now()
  const result = await work()
  const { user, system } = process.cpuUsage(processor)
  return {
    seconds: (performance.now() - started) / 1000,
    processorSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    ...result,
  }
}

/** `focal run` on a new lake, from the configuration to the record. */
async function wholeRun(): Promise<Measured> {
  const file = path.join(folder, 'focal.yaml')
  const source = { name: 'bench', connector: request.bill.connector, location: request.bill.location }
  await writeFile(file, JSON.stringify({ lake: './lake', engine: request.engine, sources: [source] }))
  const config = await loadConfig(file, {})
  const lake = localSink(config.lake)
  const steps: Record<string, number> = {}
  let last = performance.now()
  const report = ({ type, ...event }: { type: string; step?: string }) => {
    if (type !== 'unit-step' || event.step === undefined) return
    const now = performance.now()
    steps[event.step] = (now - last) / 1000
    last = now
  }
  const measured = await timed(async () => {
    const record = await run({ config, lake, runId: 'bench', now: () => new Date('2026-11-20'), report }, {})
    const [unit] = await readUnits(lake)
    if (unit === undefined) throw new Error(JSON.stringify(record))
    return { bytesOut: unit.partition.bytes, billed: unit.totals[0]?.billedCost ?? '0', rows: unit.rows, steps }
  })
  const rowGroups = await countRowGroups(path.join(folder, 'lake'))
  return rowGroups === undefined ? measured : { ...measured, rowGroups }
}

async function countRowGroups(lake: string) {
  return withSession(async (session) => {
    await session.set('partition', path.join(lake, 'focus', '*', '*', '*.parquet'))
    const [counts] = await session.rows<NonNullable<Measured['rowGroups']>>(
      readBeside(import.meta.url, 'row-groups.sql'),
    )
    return counts
  })
}

async function withSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await openSession({ ...request.engine, tempDirectory: path.join(folder, 'spill') })
  try {
    return await work(session)
  } finally {
    session.close()
  }
}

/** Reads the raw columns and writes them again, as fast as DuckDB does it: in no particular order. */
async function bareCopy({ raw }: Format): Promise<Measured> {
  return withSession(async (session) => {
    await session.run('SET preserve_insertion_order = false')
    await session.set('files', request.bill.files)
    return timed(() => copy(session, `SELECT * FROM ${raw}`))
  })
}

/** The same SQL as in the whole run, staging included, without any check and in no particular order. */
async function focusQuery(): Promise<Measured> {
  const transform = await transforms[request.bill.connector]?.load()
  if (transform === undefined) throw new Error(`no transform ${request.bill.connector}`)
  const files = request.bill.files.map((file) => ({ path: file, name: path.relative(request.bill.location, file) }))
  return withSession((session) =>
    timed(async () => {
      await transform.prepare(session, { period: '2026-09', files, scratchDirectory: folder, options: {} })
      await session.run('SET preserve_insertion_order = false')
      return copy(session, 'SELECT * FROM focus')
    }),
  )
}

async function copy(session: Session, select: string): Promise<Work> {
  const target = path.join(folder, 'copy.parquet')
  await session.run(`COPY (${select}) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd)`)
  await session.set('target', target)
  const [file] = await session.rows<{ bytes: string }>("SELECT size AS bytes FROM read_blob(getvariable('target'))")
  return { bytesOut: Number(file?.bytes) }
}
