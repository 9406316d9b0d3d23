import { expect, test } from 'vitest'
import { openSession } from '../../../src/core/duckdb.ts'
import { compare } from '../../../src/pipeline/close/correct-month.ts'
import type { Cause } from '../../../src/pipeline/close/events.ts'

/** Rows as `target service category cost`, with what else the sides differ in. */
interface Sides {
  readonly booked: readonly string[]
  readonly today: readonly string[]
  readonly movedBy?: Cause
}

const row = (text: string) => {
  const [target, service, category, cost, name = ''] = text.split(' ')
  return `SELECT 'made' AS source, '${target}' AS x_Target, '${name}' AS x_TargetName, 'USD' AS BillingCurrency,
    '${service}' AS ServiceName, '${category}' AS ChargeCategory, TIMESTAMPTZ '2026-09-03 07:00:00Z' AS ChargePeriodStart,
    ${cost}::DECIMAL(38, 18) AS BilledCost, ${cost}::DECIMAL(38, 18) AS EffectiveCost`
}

/** Corrections as `target service cost cause`. */
async function corrections({ booked, today, movedBy = 'tag_change' }: Sides): Promise<string[]> {
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: '' })
  try {
    for (const [name, rows] of Object.entries({ booked, today })) {
      await session.run(`CREATE VIEW ${name} AS ${rows.map(row).join(' UNION ALL ')}`)
    }
    await session.run('CREATE VIEW earlier AS FROM booked LIMIT 0')
    await compare(session, { corrects: '2026-09', postedIn: '2026-10', movedBy, rules: 'print' })
    const made = await session.rows<{ line: string }>(`
      SELECT concat_ws(' ', x_Target, ServiceName, EffectiveCost::DECIMAL(18, 2), x_Cause) AS line
      FROM corrections ORDER BY line`)
    return made.map(({ line }) => line)
  } finally {
    session.close()
  }
}

test.each<[string, Sides, string[]]>([
  ['nothing', { booked: ['a db Usage 5'], today: ['a db Usage 5'] }, []],
  ['another name', { booked: ['a db Usage 5 Ann'], today: ['a db Usage 5 Anna'] }, []],
  ['another way to the same sum', { booked: ['a db Usage 5'], today: ['a db Usage 2', 'a db Usage 3'] }, []],
  ['another price', { booked: ['a db Usage 5'], today: ['a db Usage 6.5'] }, ['a db 1.50 provider_correction']],
  [
    'use that nobody had told of',
    { booked: ['a db Usage 5'], today: ['a db Usage 5', 'b vm Usage 2'] },
    ['b vm 2.00 late_usage'],
  ],
  [
    'a credit that nobody had told of',
    { booked: ['a db Usage 5'], today: ['a db Usage 5', 'a db Credit -1'] },
    ['a db -1.00 provider_correction'],
  ],
  [
    'a charge that was taken back',
    { booked: ['a db Usage 5', 'a vm Usage 1'], today: ['a db Usage 5'] },
    ['a vm -1.00 provider_correction'],
  ],
  [
    'a tag that moves a charge to another team',
    { booked: ['a db Usage 5'], today: ['b db Usage 5'] },
    ['a db -5.00 tag_change', 'b db 5.00 tag_change'],
  ],
  [
    'a rule that does, once it is approved',
    { booked: ['a db Usage 5'], today: ['b db Usage 5'], movedBy: 'rule_change' },
    ['a db -5.00 rule_change', 'b db 5.00 rule_change'],
  ],
  [
    'a move together with another price: the charge itself is another',
    { booked: ['a db Usage 5'], today: ['b db Usage 6'] },
    ['a db -5.00 provider_correction', 'b db 6.00 provider_correction'],
  ],
])('%s', async (_what, sides, lines) => {
  expect(await corrections(sides)).toEqual(lines)
})
