import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSession, quoteText } from '../src/core/duckdb.ts'
import { readBeside } from '../src/core/sql.ts'
import { inOrder, prepareAllocation } from '../src/transforms/allocation/allocate.ts'
import { loadRuleSet } from '../src/transforms/allocation/rules.ts'

/**
 * How long a month takes to allocate, from FOCUS rows in Parquet to the written partition:
 * `node bench/allocate.ts [rows]`, a million by default, ten rules and three levels of pools.
 */
const rows = process.argv[2] ?? '1000000'
const folder = await mkdtemp(path.join(tmpdir(), 'focal-bench-'))
const engine = { memoryLimit: '1GB', threads: 2, tempDirectory: path.join(folder, 'spill') }
const focus = path.join(folder, 'focus.parquet')
const result = path.join(folder, 'allocated.parquet')

try {
  await writeCharges()
  await allocate()
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function writeCharges(): Promise<void> {
  const session = await openSession(engine)
  await session.set('rows', rows)
  await session.run(readBeside(import.meta.url, 'allocate/charges.sql'))
  await session.run(`COPY charges TO ${quoteText(focus)} (FORMAT parquet, COMPRESSION zstd)`)
  session.close()
}

async function allocate(): Promise<void> {
  const ruleSet = await loadRuleSet(fileURLToPath(new URL('allocate/allocation.yaml', import.meta.url)), {})
  const session = await openSession(engine)
  await session.run(`CREATE VIEW charges AS SELECT * FROM read_parquet(${quoteText(focus)})`)
  const started = performance.now()
  await prepareAllocation(session, { ruleSet, period: '2026-10', charges: 'charges' })
  const prepared = performance.now()
  await inOrder(session, 'bill', (parts) =>
    session.run(`COPY (FROM ${parts}) TO ${quoteText(result)} (FORMAT parquet, COMPRESSION zstd)`),
  )
  const written = performance.now()
  const [counted] = await session.rows<{ parts: string; origins: string; difference: string }>(`
    SELECT count(*) AS parts, count(DISTINCT x_OriginRow) AS origins,
      sum(BilledCost) - (SELECT sum(BilledCost) FROM charges) AS difference
    FROM read_parquet(${quoteText(result)})`)
  session.close()
  console.log(`${counted?.origins} charges, ${counted?.parts} parts, difference ${counted?.difference}`)
  console.log(
    `split ${seconds(started, prepared)}, write ${seconds(prepared, written)}, all ${seconds(started, written)}`,
  )
  console.log(
    `${((await stat(result)).size / 1e6).toFixed(0)} MB, ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB of memory`,
  )
}

function seconds(from: number, to: number): string {
  return `${((to - from) / 1000).toFixed(1)} s`
}
