import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openSession, quoteText } from '../../src/core/duckdb.ts'
import { schemaId } from '../../src/core/focus-structure.ts'
import { focusSchema } from '../../src/core/focus.ts'
import type { DatasetRecord } from '../../src/pipeline/datasets.ts'
import { workspace } from '../cases/refusal.ts'

const folders = {
  BillingPeriod: 'billing-period',
  ContractCommitment: 'contract-commitment',
  InvoiceDetail: 'invoice-detail',
}

/** A lake in FOCUS 1.4 over copies of the case's csv with a commitment in it. */
async function published(version: '1.2' | '1.3' | '1.4') {
  const { folder, lake } = workspace()
  const bills = path.join(folder, 'bills')
  mkdirSync(bills)
  const input = fileURLToPath(new URL('../cases/focus/commitments/input', import.meta.url))
  cpSync(input, bills, { recursive: true })
  const source = { name: 'nimbus', connector: 'focus', options: { location: bills } }
  const run = async () => {
    const { troubles } = await lake.run([source], {}, { focusVersion: version })
    expect(troubles).toEqual([])
  }
  await run()
  return { folder, bills, lake: lake.config.lake, run }
}

async function rows(lake: string, dataset: string, columns: string): Promise<Record<string, unknown>[]> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: `${lake}.spill` })
  try {
    const file = path.join(lake, dataset, 'billing_period=2025-01', 'source=nimbus', `${dataset}.parquet`)
    return await session.rows(`SELECT ${columns} FROM read_parquet(${quoteText(file)}, hive_partitioning = false)`)
  } finally {
    session.close()
  }
}

function record(lake: string, dataset: string): DatasetRecord {
  return JSON.parse(
    readFileSync(path.join(lake, '_focal/datasets', dataset, 'nimbus/2025-01.json'), 'utf8'),
  ) as DatasetRecord
}

test('a version has the datasets that its specification has, with exactly their columns', async () => {
  for (const [version, names] of [
    ['1.2', []],
    ['1.3', ['ContractCommitment']],
    ['1.4', ['BillingPeriod', 'ContractCommitment', 'InvoiceDetail']],
  ] as const) {
    const { lake } = await published(version)
    const there = Object.values(folders).filter((name) => existsSync(path.join(lake, name)))
    expect(there).toEqual(names.map((name) => folders[name]))
    for (const name of names) {
      const [row = {}] = await rows(lake, folders[name], '*')
      expect(Object.keys(row)).toEqual(focusSchema(version).datasets[name]?.map(({ id }) => id))
    }
  }
})

test('invoice lines add up to what is billed, a commitment shows its purchase, a month its state', async () => {
  const { lake } = await published('1.4')
  expect(
    await rows(
      lake,
      'invoice-detail',
      'InvoiceDetailId, BilledCost, InvoiceIssueStatus, PaymentTerms, InvoiceDetailGrain',
    ),
  ).toEqual([
    {
      InvoiceDetailId: 'INV-7:acct-0042:Purchase:USD',
      BilledCost: '120.000000000000000000',
      InvoiceIssueStatus: 'Issued',
      PaymentTerms: null,
      InvoiceDetailGrain: '{"BillingAccountId":"acct-0042","ChargeCategory":"Purchase"}',
    },
    {
      InvoiceDetailId: 'INV-7:acct-0042:Usage:USD',
      BilledCost: '6.500000000000000000',
      InvoiceIssueStatus: 'Issued',
      PaymentTerms: null,
      InvoiceDetailGrain: '{"BillingAccountId":"acct-0042","ChargeCategory":"Usage"}',
    },
  ])
  expect(
    await rows(
      lake,
      'contract-commitment',
      'ContractCommitmentId, ContractId, ContractCommitmentCategory, ContractCommitmentCost, ContractCommitmentQuantity, ContractCommitmentUnit, ServiceProviderName',
    ),
  ).toEqual([
    {
      ContractCommitmentId: 'pool-1',
      ContractId: 'pool-1',
      ContractCommitmentCategory: 'Usage',
      ContractCommitmentCost: '120.000000000000000000',
      ContractCommitmentQuantity: '60.000000000000000000',
      ContractCommitmentUnit: 'Credits',
      ServiceProviderName: 'Nimbus Data',
    },
  ])
  expect(await rows(lake, 'billing-period', 'BillingPeriodStart, BillingPeriodStatus, InvoiceIssuerName')).toEqual([
    { BillingPeriodStart: '2025-01-01 00:00:00+00', BillingPeriodStatus: 'Closed', InvoiceIssuerName: 'Nimbus Data' },
  ])
  expect(record(lake, 'invoice-detail').unknown).toEqual([{ column: 'PaymentTerms', rows: 2 }])
  expect(record(lake, 'invoice-detail').checks).toMatchObject({
    rules: 55,
    failed: [{ rule: 'focal-never-null:PaymentTerms', rows: 2, text: 'PaymentTerms is never null' }],
  })
})

test('each dataset has metadata of its own', async () => {
  const { lake } = await published('1.4')
  for (const [name, folder] of Object.entries(folders)) {
    expect(readdirSync(path.join(lake, 'metadata', folder)).toSorted()).toEqual([
      'dataset.json',
      `schema-${schemaId('1.4', name)}.json`,
    ])
  }
})

test('a second run leaves them; a restatement, or a partition that is gone, makes them again and keeps the last', async () => {
  const { lake, bills, run } = await published('1.4')
  await run()
  expect(record(lake, 'invoice-detail').version).toBe(1)
  rmSync(path.join(bills, 'purchase.csv'))
  await run()
  expect(record(lake, 'invoice-detail')).toMatchObject({ version: 2, rows: 1 })
  expect(readdirSync(path.join(lake, 'history/invoice-detail/billing_period=2025-01/source=nimbus'))).toEqual([
    '1.parquet',
  ])
  rmSync(path.join(lake, 'billing-period'), { recursive: true })
  await run()
  expect(await rows(lake, 'billing-period', 'BillingPeriodStatus')).toEqual([{ BillingPeriodStatus: 'Closed' }])
})
