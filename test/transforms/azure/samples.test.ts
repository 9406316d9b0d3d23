import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Session } from '../../../src/core/duckdb.ts'
import type { SourceFile } from '../../../src/transforms/transform.ts'
import { prepared, problemsOf, warningsOf } from './delivery.ts'

const samples = path.resolve(import.meta.dirname, '../../../../shared/samples/azure')
const sample = (name: string): SourceFile => ({ path: path.join(samples, name), name: path.basename(name) })

/** The sum of a column of the file itself, by nothing of ours. */
async function total(session: Session, file: SourceFile, column: string): Promise<string> {
  const [row] = await session.rows<{ total: string }>(
    `SELECT sum("${column}"::DECIMAL(38, 18)) AS total FROM read_csv($file, header = true, all_varchar = true)`,
    { file: file.path },
  )
  return row?.total ?? ''
}

async function costs(session: Session) {
  const [row] = await session.rows<{ rows: string; billed: string; effective: string }>(
    'SELECT count(*) AS rows, sum("BilledCost") AS billed, sum("EffectiveCost") AS effective FROM focus',
  )
  return row
}

describe.skipIf(!existsSync(samples))('real exports', () => {
  test('enterprise actual cost: BilledCost is its total', async () => {
    const file = sample('ea_toolkit/EA_ActualCost_Small.csv')
    const session = await prepared('2023-09', [file])
    expect(await problemsOf(session)).toEqual([])
    expect(await total(session, file, 'Cost')).toBe('8.545007786741936800')
    // Without amortized cost the 3.25 that the reservation cost is nowhere accrued.
    expect(await costs(session)).toEqual({
      rows: '11',
      billed: '8.545007786741936800',
      effective: '5.295007786741936800',
    })
    expect(await warningsOf(session)).toEqual(['only actual cost was delivered (1)'])
  })

  test('enterprise amortized cost: EffectiveCost is its total, three costs of more than 18 decimals rounded once', async () => {
    const file = sample('ea_toolkit/EA_AmortizedCost_Small.csv')
    const session = await prepared('2023-09', [file])
    expect(await problemsOf(session)).toEqual([])
    expect(await total(session, file, 'Cost')).toBe('16.296932136636644627')
    expect(await costs(session)).toEqual({
      rows: '28',
      billed: '15.797780136168644627',
      effective: '16.296932136636644627',
    })
    expect(await warningsOf(session)).toEqual([
      'costs with more than 18 decimals: rounded once (3)',
      'only amortized cost was delivered (2)',
    ])
  })

  test('the reserved row: 8 hours at a ratio of 2, 0.146 contracted, 0.061644 paid', async () => {
    const session = await prepared('2023-09', [sample('ea_toolkit/EA_AmortizedCost_Small.csv')])
    expect(
      await session.rows(`SELECT "EffectiveCost", "ContractedCost", "ListCost", "CommitmentDiscountQuantity", "CommitmentDiscountUnit",
        "CommitmentDiscountId", "x_Fallbacks" FROM focus WHERE "CommitmentDiscountType" = 'Reservation'`),
    ).toEqual([
      {
        EffectiveCost: '0.493152000000000000',
        ContractedCost: '1.168000000000000000',
        ListCost: '1.168000000000000000',
        CommitmentDiscountQuantity: '16.000000000000000000',
        CommitmentDiscountUnit: 'Normalized Hours',
        CommitmentDiscountId:
          '/providers/Microsoft.Capacity/reservationOrders/a965d46f-aedf-4176-8ff1-2617943b8960/reservations/f39d1c73-af74-4308-9083-fbf5efab37d1',
        x_Fallbacks: '{"ListCost":"no usable public price: contracted cost"}',
      },
    ])
  })

  test('the two are samples of different rows, so together they contradict each other', async () => {
    const session = await prepared('2023-09', [
      sample('ea_toolkit/EA_ActualCost_Small.csv'),
      sample('ea_toolkit/EA_AmortizedCost_Small.csv'),
    ])
    expect(
      await session.rows(
        'SELECT subject, difference FROM identities WHERE difference <> 0 ORDER BY abs(difference) DESC LIMIT 1',
      ),
    ).toEqual([{ subject: '1caaa5a3-2b66-438e-8ab4-bce37d518c5d on 2023-09-04', difference: '-4.182727680000000000' }])
  })

  test('a file with a header alone is a month without charges', async () => {
    const session = await prepared('2023-09', [sample('ea_toolkit/EA_NoRows.csv')])
    expect(await problemsOf(session)).toEqual([])
    expect(await costs(session)).toEqual({ rows: '0', billed: null, effective: null })
  })

  test.each([
    ['BOM', '2022-11', { rows: '0', billed: null, effective: null }],
    ['Enterprise', '2021-05', { rows: '1', billed: '0.000000000000000000', effective: '0.000000000000000000' }],
    ['EnterpriseCamel', '2021-02', { rows: '1', billed: '0.012000000000000000', effective: '0.012000000000000000' }],
    ['PayAsYouGo', '2021-02', { rows: '1', billed: '0.075000000000000000', effective: '0.075000000000000000' }],
    ['MissingBrackets', '2021-02', { rows: '1', billed: '4.000000000000000000', effective: '4.000000000000000000' }],
  ])('header set %s', async (name, period, expected) => {
    // One of them says no currency at all.
    const session = await prepared(period, [sample(`headersets/${name}.csv`)], { billingCurrency: 'EUR' })
    expect(await problemsOf(session)).toEqual([])
    expect(await costs(session)).toEqual(expected)
  })

  test('without a currency the file is refused', async () => {
    const session = await prepared('2021-02', [sample('headersets/MissingBrackets.csv')])
    expect(await problemsOf(session)).toEqual(['no currency: '])
  })

  test('a generated month of 9,300 rows', async () => {
    const file = sample('nise/costreport_3e561251-869e-44e5-afbb-6ae1c4d8eaa3.csv.gz')
    const session = await prepared('2025-01', [file])
    expect(await problemsOf(session)).toEqual([])
    expect(await total(session, file, 'CostInBillingCurrency')).toBe('1523.455389976300002232')
    expect(await costs(session)).toEqual({
      rows: '9300',
      billed: '1523.455389976300002232',
      effective: '1523.455389976300002232',
    })
  })
})
