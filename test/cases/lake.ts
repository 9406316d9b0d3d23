import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Config, SourceConfig } from '../../src/config/config.ts'
import { exitOf } from '../../src/commands/run.ts'
import { trimZeros } from '../../src/core/decimal.ts'
import { openSession, quoteIdentifier, quoteText } from '../../src/core/duckdb.ts'
import { describeError } from '../../src/core/errors.ts'
import { lakeColumns } from '../../src/core/focus.ts'
import { run, type RunRequest } from '../../src/pipeline/run.ts'
import { localSink } from '../../src/sinks/local.ts'
import { readUnits, type RunRecord, type UnitRecord } from '../../src/pipeline/state.ts'

export interface RunOutcome {
  readonly record: RunRecord
  readonly exitCode: number
  /** What went wrong or has to wait, as a person reads it, in the order it was told. */
  readonly troubles: readonly string[]
}

/** A lake in a test's own folder, and runs on it through the real pipeline. */
export interface TestLake {
  readonly config: Config
  run(sources: readonly SourceConfig[], request?: RunRequest, changes?: Partial<Config>): Promise<RunOutcome>
  units(): Promise<UnitRecord[]>
  /** Path below the lake → hash, of every file readers may see. */
  published(): Map<string, string>
}

/** The day on which every test runs: two months after the bills of most of them. */
export const today = new Date('2025-03-05T06:00:00Z')

export function testLake(folder: string): TestLake {
  const base: Config = {
    baseDirectory: folder,
    lake: path.join(folder, 'lake'),
    lakeOptions: {},
    workDirectory: path.join(folder, 'work'),
    focusVersion: '1.2',
    sources: [],
    periods: 3,
    historyVersions: 3,
    engine: { memoryLimit: '1GB', threads: 2 },
  }
  let runs = 0
  return {
    config: base,
    async run(sources, request = {}, changes = {}) {
      runs += 1
      const troubles: string[] = []
      const record = await run(
        {
          config: { ...base, ...changes, sources },
          lake: localSink(base.lake),
          runId: `run-${runs}`,
          now: () => today,
          report: (event) => {
            if ('error' in event) troubles.push(describeError(event.error))
            if (event.type === 'unit-planned' && event.action === 'wait') troubles.push(event.reason)
          },
        },
        request,
      )
      return { record, exitCode: exitOf(record), troubles }
    },
    units: () => readUnits(localSink(base.lake)),
    published: () => hashes(path.join(base.lake, 'focus')),
  }
}

function hashes(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map()
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted()
  return new Map(
    paths.map((file) => [file.slice(folder.length + 1), createHash('sha256').update(readFileSync(file)).digest('hex')]),
  )
}

/**
 * The chosen columns of a published source as csv: null is nothing between the commas, an empty text `<empty>`
 * (which FOCUS forbids), decimals without trailing zeros, times in ISO 8601. Sorted by the whole line.
 */
export async function rowsAsCsv(lake: TestLake, source: string, columns: readonly string[]): Promise<string> {
  const { config } = lake
  const types = new Map(lakeColumns(config.focusVersion).map(({ name, type }) => [name, type]))
  const list = columns.map((column) =>
    types.get(column)?.startsWith('TIMESTAMP')
      ? `strftime(${quoteIdentifier(column)}, '%Y-%m-%dT%H:%M:%SZ') AS ${quoteIdentifier(column)}`
      : quoteIdentifier(column),
  )
  const files = quoteText(path.join(config.lake, 'focus', '*', `source=${source}`, '*.parquet'))
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: config.workDirectory })
  try {
    const { rows } = await session.table(
      `SELECT ${list.join(', ')} FROM read_parquet(${files}, hive_partitioning = false)`,
    )
    const lines = rows.map((row) => row.map((value, at) => cell(value, types.get(columns[at] ?? ''))).join(','))
    return `${[columns.join(','), ...lines.toSorted()].join('\n')}\n`
  } finally {
    session.close()
  }
}

function cell(value: unknown, type: string | undefined): string {
  if (value === null || value === undefined) return ''
  const plain = typeof value === 'string' ? value : JSON.stringify(value)
  const text = type?.startsWith('DECIMAL') ? trimZeros(plain) : plain
  if (text === '') return '<empty>'
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
