import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSession, type Session } from '../../src/core/duckdb.ts'
import type { Period } from '../../src/core/period.ts'
import { hashes, leftovers, workbench, type Workbench } from '../../test/pipeline/workbench.ts'
import { openProvider, seeded, type Provider, type Random } from './provider.ts'

export interface SoakOptions {
  /** Empty or not there yet. */
  readonly folder: string
  readonly nights: number
  readonly seed: number
  /** Of every night's chance to be killed, in [0, 1]. */
  readonly killed: number
  /** Told after each night. */
  readonly report: (line: string) => void
}

export interface SoakResult {
  readonly nights: number
  readonly completed: number
  /** How many runs were killed, by the last thing that they told before. */
  readonly killedAfter: Readonly<Record<string, number>>
  readonly deliveries: number
  readonly restatements: number
  readonly withdrawals: number
  readonly months: number
  /** Months whose partition is, byte for byte, that of a fresh full run over the newest deliveries. */
  readonly equal: number
}

/** The nights are spread over this year, so that its months begin, grow and are over whatever their number. */
const year = 2025
const dayMs = 24 * 60 * 60 * 1000

/**
 * Runs focal night after night on what a provider delivers, kills some of the runs, and compares what readers see: after
 * each night every month has the total of one whole delivery, and after a night that was not killed, of its newest. At last
 * each month is compared with a fresh full run. Throws at the first thing that is wrong.
 */
export async function soak({ folder, nights, seed, killed, report }: SoakOptions): Promise<SoakResult> {
  const random = seeded(seed)
  const bench = configured(path.join(folder, 'nights'))
  const provider = openProvider(bench.bills, random)
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  const killedAfter: Record<string, number> = {}
  let today = ''
  try {
    for (let night = 0; night < nights; night += 1) {
      today = dayOfNight(night, nights)
      provider.day(today)
      // The last night's run is the one that has to mend whatever is left.
      const willDie = night < nights - 1 && random() < killed
      const { outcome, lastTold } = await runNight(bench, today, willDie ? killAt(provider, random) : undefined)
      if (outcome === 'killed') killedAfter[lastTold] = (killedAfter[lastTold] ?? 0) + 1
      else if (outcome !== 'done') throw new Error(`night ${night + 1} of seed ${seed} ended with ${outcome}`)
      await expectWhole(session, bench.lake, provider, outcome === 'done' ? 'newest' : 'any')
      report(`night ${night + 1} of ${nights}, ${today}: ${outcome}${outcome === 'killed' ? ` after ${lastTold}` : ''}`)
    }
  } finally {
    session.close()
  }
  const kills = Object.values(killedAfter).reduce((sum, count) => sum + count, 0)
  const equal = await compareWithFresh(bench, configured(path.join(folder, 'fresh'), bench.bills), today)
  return { nights, completed: nights - kills, killedAfter, ...provider.counts, months: provider.newest.size, equal }
}

function configured(folder: string, bills?: string): Workbench {
  mkdirSync(folder, { recursive: true })
  const bench = workbench(folder, bills)
  bench.configure({ top: ['periods: 12'] })
  return bench
}

function dayOfNight(night: number, nights: number): string {
  const day = Math.floor((night * 365) / nights)
  return new Date(Date.UTC(year, 0, 1) + day * dayMs).toISOString().slice(0, 10)
}

/** To be killed so long after that many events, be that in the middle of a step or between two. */
interface Kill {
  readonly afterEvents: number
  readonly afterMs: number
}

/** A run tells one event for each month that it looks at, and about ten for each that it publishes. */
function killAt(provider: Provider, random: Random): Kill {
  return {
    afterEvents: 1 + Math.floor(random() * (provider.newest.size + 12)),
    afterMs: random() < 0.5 ? 0 : Math.floor(random() * 100),
  }
}

interface Night {
  /** Of the run, or `killed`, or how the process ended. */
  readonly outcome: string
  readonly lastTold: string
}

async function runNight({ configFile }: Workbench, today: string, kill?: Kill): Promise<Night> {
  const script = new URL('night.ts', import.meta.url).pathname
  const run = spawn(process.execPath, [script, configFile, today], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(run, 'exit')
  let told = 0
  let lastTold = 'its start'
  let outcome: string | undefined
  for await (const line of createInterface({ input: run.stdout })) {
    told += 1
    if (line.startsWith('outcome ')) outcome = line.slice('outcome '.length)
    else lastTold = line
    if (told === kill?.afterEvents) void sleep(kill.afterMs).then(() => run.kill('SIGKILL'))
  }
  const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null]
  if (signal === 'SIGKILL' && outcome === undefined) return { outcome: 'killed', lastTold }
  return { outcome: outcome ?? `exit code ${code}`, lastTold }
}

/** What a reader sees: every month's total is that of one delivery, to the last digit. */
async function expectWhole(session: Session, lake: string, provider: Provider, which: 'newest' | 'any'): Promise<void> {
  const seen = await totals(session, lake)
  for (const [period, total] of seen) {
    const right = which === 'newest' ? provider.newest.get(period) === total : provider.hasDelivered(period, total)
    if (!right) throw new Error(`${period} has ${total}, and ${provider.newest.get(period)} was delivered last`)
  }
  if (which === 'newest' && seen.size !== provider.newest.size) {
    throw new Error(`${seen.size} months are published, and ${provider.newest.size} were delivered`)
  }
}

async function totals(session: Session, lake: string): Promise<Map<Period, string>> {
  if (!existsSync(path.join(lake, 'focus'))) return new Map()
  await session.set('files', path.join(lake, 'focus/**/*.parquet'))
  const rows = await session.rows<{ period: Period; total: string }>(`
    SELECT billing_period AS period, CAST(sum(BilledCost) AS VARCHAR) AS total
    FROM read_parquet(getvariable('files'), hive_partitioning = true, hive_types = {billing_period: VARCHAR})
    GROUP BY billing_period`)
  return new Map(rows.map(({ period, total }) => [period, total]))
}

/** How many months are the same, which are all: anything else is an error. */
async function compareWithFresh(soaked: Workbench, fresh: Workbench, today: string): Promise<number> {
  const { outcome } = await fresh.record({ full: true }, { today })
  if (outcome !== 'done') throw new Error(`the fresh run ended with ${outcome}`)
  const [made, expected] = [soaked, fresh].map(({ lake }) => hashes(path.join(lake, 'focus')))
  const different = Object.keys({ ...made, ...expected }).filter((file) => made?.[file] !== expected?.[file])
  if (different.length > 0) throw new Error(`not as a fresh run would make it: ${different.join(', ')}`)
  const left = leftovers(soaked)
  if (left.length > 0) throw new Error(`the runs left behind: ${left.join(', ')}`)
  return Object.keys(expected ?? {}).length
}
