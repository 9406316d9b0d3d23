import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkFocus, focusRules, validatePath } from '../../src/checks/index.ts'
import { datasetOf } from '../../src/checks/dataset.ts'
import { toldDataset } from '../../src/checks/told-dataset.ts'
import { duckdbType, focusVersions } from '../../src/core/focus.ts'
import { quoteIdentifier, quoteText } from '../../src/core/duckdb.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { sharedSession, type FocusRow } from './focus-rows.ts'

const session = sharedSession()

/** A commitment to spend and one to use, which break no rule of FOCUS 1.3. */
const toSpend: FocusRow = {
  BillingCurrency: 'USD',
  ContractCommitmentCategory: 'Spend',
  ContractCommitmentCost: '120000',
  ContractCommitmentDescription: 'Three years of spend',
  ContractCommitmentId: 'commitment-1',
  ContractCommitmentPeriodEnd: '2028-01-01T00:00:00Z',
  ContractCommitmentPeriodStart: '2025-01-01T00:00:00Z',
  ContractCommitmentType: 'Spend agreement',
  ContractId: 'contract-1',
  ContractPeriodEnd: '2028-01-01T00:00:00Z',
  ContractPeriodStart: '2025-01-01T00:00:00Z',
}
const toUse: FocusRow = {
  ...toSpend,
  ContractCommitmentCategory: 'Usage',
  ContractCommitmentCost: null,
  ContractCommitmentId: 'commitment-2',
  ContractCommitmentQuantity: '8760',
  ContractCommitmentUnit: 'Hours',
}

function commitments(...rows: readonly FocusRow[]): string {
  const { columns } = datasetOf('1.3', 'ContractCommitment')
  const selects = rows.map((row) => {
    const values = columns.map(({ id, type }) => {
      const value = row[id] ?? null
      return `${value === null ? 'NULL' : quoteText(value)}::${duckdbType(type)} AS ${quoteIdentifier(id)}`
    })
    return `SELECT ${values.join(', ')}`
  })
  return `(${selects.join(' UNION ALL ')})`
}

async function broken(...rows: readonly FocusRow[]): Promise<string[]> {
  const options = { dataset: 'ContractCommitment', rowKeys: [] }
  const results = await checkFocus(session(), commitments(...rows), '1.3', undefined, options)
  return results.filter(({ outcome }) => outcome !== 'passed').map(({ id }) => id)
}

describe('Contract Commitment', () => {
  test('conforming commitments break nothing', async () => {
    expect(await broken(toSpend, toUse)).toEqual([])
  })

  test.each<[string, FocusRow]>([
    ['CCT-ContractId-C-003-M', { ...toSpend, ContractId: null }],
    ['CCT-ContractCommitmentId-C-003-M', { ...toSpend, ContractCommitmentId: null }],
    ['focal-never-null:ContractCommitmentType', { ...toSpend, ContractCommitmentType: null }],
    ['focal-never-null:ContractCommitmentPeriodEnd', { ...toSpend, ContractCommitmentPeriodEnd: null }],
    ['focal-allowed-values:ContractCommitmentCategory', { ...toSpend, ContractCommitmentCategory: 'Spending' }],
    ['NullHandling-A-002-M:ContractCommitmentType', { ...toSpend, ContractCommitmentType: 'N/A' }],
    ['UnitFormat-A-003-M:ContractCommitmentUnit', { ...toUse, ContractCommitmentUnit: 'hours' }],
    ['CCT-BillingCurrency-C-004-C', { ...toSpend, BillingCurrency: null }],
    ['CCT-BillingCurrency-C-006-M', { ...toSpend, BillingCurrency: 'Credits' }],
    ['CCT-ContractCommitmentCost-C-004-C', { ...toSpend, ContractCommitmentCost: null }],
    [
      'CCT-ContractCommitmentQuantity-C-004-C',
      { ...toUse, ContractCommitmentQuantity: null, ContractCommitmentUnit: null },
    ],
    ['CCT-ContractCommitmentUnit-C-005-C', { ...toSpend, ContractCommitmentUnit: 'Hours' }],
    ['CCT-ContractCommitmentUnit-C-006-C', { ...toUse, ContractCommitmentUnit: null }],
    ['CCT-ContractCommitmentDescription-C-003-O', { ...toSpend, ContractCommitmentDescription: null }],
    ['CCT-ContractCommitmentPeriodEnd-C-004-M', { ...toSpend, ContractCommitmentPeriodEnd: '2027-12-31T23:59:59Z' }],
    ['CCT-ContractPeriodEnd-C-004-M', { ...toSpend, ContractPeriodEnd: '2025-01-01T00:00:00Z' }],
  ])('%s', async (id, row) => {
    expect(await broken(row)).toEqual([id])
  })

  test('a commitment has one row and one contract', async () => {
    expect(await broken(toSpend, { ...toSpend, ContractId: 'contract-2' })).toEqual([
      'CCT-ContractCommitmentId-C-007-M',
      'CCT-ContractCommitmentId-C-009-M',
    ])
    expect(await broken(toSpend, toSpend)).toEqual(['CCT-ContractCommitmentId-C-009-M'])
  })

  test('validate tells the dataset from its columns', async () => {
    const file = path.join(temporaryFolder(), 'commitments.csv')
    const { columns } = datasetOf('1.3', 'ContractCommitment')
    const cells = columns.map(({ id }) => toSpend[id] ?? '')
    writeFileSync(file, `${columns.map(({ id }) => id).join()}\n${cells.join()}\n`)
    expect(await validatePath(session(), file, undefined)).toMatchObject({
      dataset: 'ContractCommitment',
      version: '1.3',
      failed: 0,
      warned: 0,
    })
  })
})

const datasets = focusVersions.flatMap((version) =>
  ['ContractCommitment', 'InvoiceDetail', 'BillingPeriod']
    .filter((dataset) => datasetOf(version, dataset).columns.length > 0)
    .map((dataset) => [version, dataset] as const),
)

describe.each(datasets)('FOCUS %s %s', (version, dataset) => {
  const { columns } = datasetOf(version, dataset)

  test('is told from its columns', () => {
    expect(
      toldDataset(
        columns.map(({ id }) => id),
        'a.csv',
      ),
    ).toEqual({ dataset, version })
  })

  test('a row of nulls breaks what is never null', async () => {
    const nulls = columns.map(({ id, type }) => `NULL::${duckdbType(type)} AS ${quoteIdentifier(id)}`)
    const results = await checkFocus(session(), `(SELECT ${nulls.join(', ')})`, version, [], { dataset, rowKeys: [] })
    const never = columns.filter(({ nullable }) => !nullable).map(({ id }) => `focal-never-null:${id}`)
    const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)
    expect(failed.filter((id) => !id.startsWith('CCT-'))).toEqual(never)
    expect(focusRules(version, dataset).length).toBeGreaterThan(columns.length)
  })
})
