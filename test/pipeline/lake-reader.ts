import { globSync, statSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { openSession } from '../../src/core/duckdb.ts'

/**
 * Reads a lake over and over, as an analyst's session that stays open would. Each line of standard input is the
 * lake to read from then on; when that changes, and at the end, one line of JSON tells every answer there was.
 *
 * DuckDB opens a file once for its footer and again for its pages. A query that a replacement falls between may fail,
 * and is asked again as an analyst would; it must not give an answer, nor fail when nothing was replaced.
 */
interface Answers {
  readonly lake: string
  readonly seen: Set<string>
  readonly errors: Set<string>
}

const session = await openSession({ memoryLimit: '500MB', threads: 2, tempDirectory: '/tmp/focal-lake-reader' })
let answers: Answers | undefined

/** Which file each partition is: another one when it was replaced. */
function partitions(lake: string): string {
  const files = globSync('focus/**/*.parquet', { cwd: lake }).toSorted()
  return files.map((file) => `${file} ${statSync(path.join(lake, file)).ino}`).join()
}

async function readOnce(current: Answers): Promise<void> {
  const before = partitions(current.lake)
  try {
    const [row] = await session.rows<{ billed: string; rows: string }>(
      `SELECT sum(BilledCost) AS billed, count(*) AS rows FROM read_parquet('${current.lake}/focus/**/*.parquet')`,
    )
    current.seen.add(`${Number(row?.billed)} in ${row?.rows} rows`)
  } catch (error) {
    if (partitions(current.lake) !== before) await readOnce(current)
    else current.errors.add(error instanceof Error ? error.message : String(error))
  }
}

async function tell(finished: Answers | undefined): Promise<void> {
  if (finished === undefined) return
  // One more, of what the lake holds at last.
  await readOnce(finished)
  const { seen, errors } = finished
  process.stdout.write(`${JSON.stringify({ seen: [...seen], errors: [...errors] })}\n`)
}

async function turnTo(lake: string): Promise<void> {
  const finished = answers
  answers = lake === '' ? undefined : { lake, seen: new Set(), errors: new Set() }
  await tell(finished)
  if (answers === undefined) return
  await readOnce(answers)
  process.stdout.write('"reading"\n')
}

const input = { lakes: [] as string[], open: true }
const lines = createInterface({ input: process.stdin })
lines.on('line', (lake) => input.lakes.push(lake))
lines.on('close', () => (input.open = false))

while (input.open || input.lakes.length > 0) {
  const next = input.lakes.shift()
  if (next !== undefined) await turnTo(next)
  else if (answers !== undefined) await readOnce(answers)
  await pause(answers === undefined ? 5 : 2)
}
session.close()
