import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../src/config/config.ts'
import { openSession } from '../../src/core/duckdb.ts'
import { openSink } from '../../src/sinks/open.ts'

/**
 * Reads a lake in a bucket over and over until standard input ends, as an analyst's machine would: it lists the
 * partitions, brings them, and sums them up. Argument: the configuration. Prints `reading` after the first answer,
 * and all answers as JSON at the end.
 */
const [configFile = ''] = process.argv.slice(2)
const { lake, lakeOptions: options, workDirectory } = await loadConfig(configFile, {})
const sink = await openSink(lake, { options, workDirectory: `${workDirectory}-of-the-reader`, env: process.env })
const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: `${workDirectory}-spill` })
const seen: string[] = []

async function partitions(): Promise<string[]> {
  const months = await sink.listNames('focus')
  const inMonth = async (month: string) =>
    (await sink.listNames(`focus/${month}`)).map((source) => `focus/${month}/${source}/focus.parquet`)
  return (await Promise.all(months.map(inMonth))).flat()
}

async function readOnce(): Promise<void> {
  const files = await sink.readable(await partitions())
  await session.set(
    'files',
    files.filter((file) => file !== undefined),
  )
  const [row] = await session.rows<{ billed: string; rows: string }>(
    "SELECT sum(BilledCost) AS billed, count(*) AS rows FROM read_parquet(getvariable('files'))",
  )
  seen.push(`${Number(row?.billed)} in ${row?.rows} rows`)
}

const input = { open: true }
process.stdin.on('end', () => (input.open = false)).resume()
await readOnce()
process.stdout.write('reading\n')
while (input.open) {
  await readOnce()
  await sleep(100)
}
await readOnce()
session.close()
process.stdout.write(JSON.stringify(seen))
