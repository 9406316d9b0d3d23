import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../../../src/core/duckdb.ts'
import { lakeColumns } from '../../../../src/core/focus.ts'
import { prepareAllocation } from '../../../../src/transforms/allocation/allocate.ts'
import type { RuleSet } from '../../../../src/transforms/allocation/rule-set.ts'

/** Columns of a charge that a test says, by name; the others are null, or what every charge of a test has. */
export type WrittenCharge = Readonly<Record<string, string | null>>

const usual: WrittenCharge = {
  source: 'bill',
  BillingCurrency: 'USD',
  ChargePeriodStart: '2026-10-01T00:00:00Z',
  ChargeCategory: 'Usage',
}

/** A session in which one month of the charges is allocated. */
export async function allocate(
  ruleSet: RuleSet,
  charges: readonly WrittenCharge[],
  { threads = 1 }: { threads?: number } = {},
): Promise<Session> {
  const session = await openSession({ memoryLimit: '512MB', threads, tempDirectory: scratch })
  try {
    await writeCharges(session, charges)
    await prepareAllocation(session, { ruleSet, period: '2026-10', charges: 'charges' })
    return session
  } catch (error) {
    session.close()
    throw error
  }
}

const scratch = path.join(mkdtempSync(path.join(tmpdir(), 'focal-allocate-')), 'spill')

/** The table `charges`: rows are numbered in each source in the order given. The four costs are one where one is said. */
async function writeCharges(session: Session, charges: readonly WrittenCharge[]): Promise<void> {
  const columns = lakeColumns('1.2').map(({ name, type }) => `${quoteIdentifier(name)} ${type}`)
  await session.run(`CREATE TABLE charges (${columns.join(', ')}, source VARCHAR, billing_period VARCHAR,
    x_OriginRow BIGINT, x_OriginVersion INTEGER)`)
  const seen = new Map<string, number>()
  const rows = charges.map((written) => {
    const { Cost: cost = '0', ...charge } = written
    const source = charge['source'] ?? 'bill'
    const row = seen.get(source) ?? 0
    seen.set(source, row + 1)
    const costs = { BilledCost: cost, EffectiveCost: cost, ListCost: cost, ContractedCost: cost }
    const place = { billing_period: '2026-10', x_OriginRow: String(row), x_OriginVersion: '1' }
    return { ...usual, ...costs, ...charge, ...place }
  })
  const described = await session.rows<{ column_name: string; column_type: string }>('DESCRIBE charges')
  const texts = described.map(({ column_name }) => [column_name, 'VARCHAR'])
  await session.run(
    `INSERT INTO charges BY NAME
     SELECT unnest(from_json($rows::JSON, ${quoteText(JSON.stringify([Object.fromEntries(texts)]))}), max_depth := 2)`,
    { rows: JSON.stringify(rows) },
  )
}
