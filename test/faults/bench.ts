import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { loadConfig } from '../../src/config/config.ts'
import type { StoreTuning } from '../../src/core/stores/tuning.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { run } from '../../src/pipeline/run.ts'
import type { RunRecord } from '../../src/pipeline/state.ts'
import { localSink } from '../../src/sinks/local.ts'
import { dataFile, deliver } from '../pipeline/tiny-bill.ts'
import type { BillStore } from './bill-store.ts'

/**
 * Two sources, `far` in a store that fails and `near` in a folder, one month each, published at first and restated
 * since. The source that fails comes first: the other has to be published in spite of it.
 */
export const period = '2026-10'
const first = [{ cost: '1.10' }, { cost: '2.02' }]
const restated = [{ cost: '1.10' }, { cost: '2.02' }, { cost: '4.003' }]
export const restatedTotal = '7.123000000000000000'
export const billKey = dataFile({ period, id: 'd2' })

/** Writes the bills of both deliveries below `folder`. */
export function writeBills(folder: string): void {
  deliver(path.join(folder, '1'), { period, id: 'd1', charges: first })
  cpSync(path.join(folder, '1'), path.join(folder, '2'), { recursive: true })
  deliver(path.join(folder, '2'), { period, id: 'd2', charges: restated })
}

/** Always in the same order, so that the store gives the same versions. */
export function upload(store: BillStore, bills: string): void {
  for (const file of filesBelow(bills)) store.put(file, readFileSync(path.join(bills, file)))
}

export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).toSorted()
}

export interface FaultBench {
  readonly folder: string
  readonly lake: string
  readonly configFile: string
}

/** A configuration of the two sources in `folder`, on a copy of the lake `lake` if it exists. */
export function faultBench(
  folder: string,
  { far, near, lake, engine = '{ memoryLimit: 1GB, threads: 1 }' }: BenchOptions,
): FaultBench {
  const bench = { folder, lake: path.join(folder, 'lake'), configFile: path.join(folder, 'focal.yaml') }
  mkdirSync(folder, { recursive: true })
  if (lake !== undefined && existsSync(lake)) cpSync(lake, bench.lake, { recursive: true })
  const source = (name: string, location: string) => `  - { name: ${name}, connector: aws, location: "${location}" }`
  // The version with the fewest columns and rules: what goes wrong here is the same in all of them.
  const lines = [
    'lake: ./lake',
    'focusVersion: "1.0"',
    `engine: ${engine}`,
    'sources:',
    source('far', far),
    source('near', near),
  ]
  writeFileSync(bench.configFile, `${lines.join('\n')}\n`)
  return bench
}

interface BenchOptions {
  readonly far: string
  readonly near: string
  readonly lake?: string | undefined
  readonly engine?: string
}

export interface World {
  readonly env: Readonly<Record<string, string>>
  readonly tuning?: Partial<StoreTuning> | undefined
  readonly report?: (event: RunEvent) => void
  readonly sources?: readonly string[] | undefined
}

let runs = 0

/** A run that never really waits. */
export async function runIn(
  bench: FaultBench,
  { env, tuning, report = () => undefined, sources }: World,
): Promise<RunRecord> {
  runs += 1
  const before = { ...process.env }
  Object.assign(process.env, env)
  try {
    return await run(
      {
        config: await loadConfig(bench.configFile, {}),
        lake: localSink(bench.lake),
        runId: `run-${String(runs).padStart(4, '0')}`,
        now: () => new Date('2026-11-20T06:00:00Z'),
        report,
        tuning: { sleep: async () => undefined, random: () => 0, ...tuning },
      },
      { sources },
    )
  } finally {
    for (const name of Object.keys(env)) delete process.env[name]
    Object.assign(process.env, before)
  }
}
