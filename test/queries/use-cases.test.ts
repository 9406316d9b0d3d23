import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommand } from '../../src/commands/run.ts'
import { query } from '../../src/commands/query.ts'
import type { Terminal } from '../../src/commands/terminal.ts'
import { useCases } from '../../src/commands/use-cases.ts'
import { demoClouds } from '../../src/demo/index.ts'

/** Every use case on small bills of three clouds. What it must say is worked out here, row by row, from the lake. */

type Row = Readonly<Record<string, string | null>>

const folder = mkdtempSync(path.join(tmpdir(), 'focal-use-cases-'))
let rows: readonly Row[]

beforeAll(async () => {
  const clouds = await Promise.all(demoClouds.map((load) => load()))
  for (const cloud of clouds) await cloud.write({ directory: folder, seed: 7, rows: 60, delivery: 1 })
  const sources = clouds.flatMap((cloud) => cloud.sources.filter(({ name }) => name.endsWith('-main')))
  const listed = sources.map((source) => `  - ${JSON.stringify(source)}\n`)
  writeFileSync(path.join(folder, 'focal.yaml'), `lake: ./lake\nperiods: 3\nsources:\n${listed.join('')}`)
  expect(await runCommand({ config: 'focal.yaml' }, terminal(), new AbortController().signal)).toBe(0)
  rows = await ask({ sql: 'FROM focus' })
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function terminal(write: (text: string) => unknown = () => true): Terminal {
  return {
    stdout: { write },
    stderr: { write: () => true },
    cwd: folder,
    env: {},
    now: () => new Date('2026-11-05T06:00:00Z'),
  }
}

async function ask(question: { sql?: string; useCase?: string; param?: readonly string[] }): Promise<readonly Row[]> {
  let printed = ''
  const outside = terminal((text) => (printed += text))
  await query({ config: 'focal.yaml', format: 'json', ...question }, outside, new AbortController().signal)
  return JSON.parse(printed) as readonly Row[]
}

const scale = 18
/** Exact decimal text as a whole number of 1e-18. */
function units(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const size = BigInt(whole + fraction.padEnd(scale, '0'))
  return text.startsWith('-') ? -size : size
}

const measures = new Set(
  'BilledCost EffectiveCost ListCost ContractedCost PricingCurrencyEffectiveCost PricingQuantity ConsumedQuantity'.split(
    ' ',
  ),
)

interface Expected {
  readonly param?: readonly string[]
  /** The rows that it is about; all when not given. */
  readonly of?: (row: Row) => boolean
  /** Columns that are no sum and no column of a row, by what a row says of them. */
  readonly derived?: Readonly<Record<string, (row: Row) => string | null>>
  /** Columns worked out from the sums; other tests look at them. */
  readonly workedOut?: readonly string[]
}

const isUsage = (row: Row) => row['ChargeCategory'] === 'Usage'
const team = (row: Row) => (JSON.parse(row['Tags'] ?? '{}') as Record<string, string>)['team'] ?? null
const priced = (row: Row) => row['PricingCurrency'] !== row['BillingCurrency']

const expected: Readonly<Record<string, Expected>> = {
  'cost-by-service': {},
  'service-cost-by-month': {},
  'service-cost-by-region': {},
  'service-cost-by-sub-account': {},
  'sub-account-services': { param: ['sub-account=none'], of: () => false },
  'cost-by-category': {},
  'cost-by-subcategory': {},
  'provider-spend-by-account': { param: ['provider=AWS'], of: (row) => row['ProviderName'] === 'AWS' },
  'compute-cost-by-sub-account': { of: (row) => row['ServiceCategory'] === 'Compute' },
  'cost-by-availability-zone': {},
  'sub-accounts-by-region': {},
  'compute-cost': { of: (row) => row['ServiceCategory'] === 'Compute' },
  'capacity-reservations': {
    of: (row) => row['ServiceCategory'] === 'Compute',
    derived: {
      reservation: ({ CapacityReservationStatus: status }) =>
        status === 'Used' || status === 'Unused' ? `reserved, ${status.toLowerCase()}` : 'not reserved',
    },
  },
  'unused-capacity-reservations': { of: (row) => row['CapacityReservationStatus'] === 'Unused' },
  'commitment-purchases': {
    of: (row) => row['ChargeCategory'] === 'Purchase' && row['CommitmentDiscountId'] !== null,
  },
  'recurring-commitment-charges': {
    of: (row) => row['ChargeFrequency'] === 'Recurring' && row['CommitmentDiscountId'] !== null,
  },
  'unused-commitments': { of: (row) => row['CommitmentDiscountStatus'] === 'Unused' },
  'effective-savings-rate': { of: isUsage, workedOut: ['Savings', 'SavingsPercent'] },
  'effective-savings-rate-by-service': { of: isUsage, workedOut: ['Savings', 'SavingsPercent'] },
  'tag-coverage': {
    param: ['tag=team'],
    of: (row) => units(row['EffectiveCost'] ?? '0') > 0n,
    workedOut: ['TaggedCost', 'TaggedPercent'],
  },
  'application-cost': { param: ['tag=team'], derived: { application: team } },
  'application-cost-by-currency': { param: ['tag=team'], derived: { application: team } },
  'application-budget': { param: ['tag=team'], derived: { application: team }, workedOut: ['Months', 'MonthlyBudget'] },
  'billed-cost-for-budgets': {},
  'budget-of-sub-account': { param: ['budget=100.5'], workedOut: ['Budget', 'OverBudget'] },
  'forecast-amortised-cost': { workedOut: ['NextMonth'] },
  'forecast-cash-flow': { workedOut: ['NextMonth'] },
  'historical-usage-and-rates': { of: (row) => isUsage(row) && row['SkuId'] !== null, workedOut: ['AverageRate'] },
  'resource-components': { param: ['resource=none'], of: () => false },
  'resource-cost-by-sku': { of: (row) => row['ResourceId'] !== null },
  'resource-usage-by-month': {
    of: (row) => row['ResourceId'] !== null && row['ConsumedQuantity'] !== null,
    workedOut: ['Change'],
  },
  'sku-costs': {},
  'unit-economics': { workedOut: ['CostPerUnit'] },
  'unit-price-trends': {
    of: (row) => isUsage(row) && row['SkuPriceId'] !== null,
    workedOut: ['UnitPrice', 'PriceBefore', 'ChangePercent'],
  },
  'marketplace-vendors': { of: (row) => row['PublisherName'] !== row['ProviderName'] },
  'sources-of-billed-cost': {},
  'credit-memos': { of: (row) => row['ChargeCategory'] === 'Credit' },
  corrections: { of: (row) => row['ChargeClass'] === 'Correction' },
  'corrections-by-sub-account': { of: (row) => row['ChargeClass'] === 'Correction' },
  'invoice-totals': {},
  'service-charges': {},
  'discount-accuracy': { of: isUsage, workedOut: ['NegotiatedDiscount', 'NegotiatedPercent'] },
  accounts: {},
  'cost-by-pricing-currency': {},
  'virtual-currency-consumption': { of: (row) => priced(row) && isUsage(row) },
  'virtual-currency-targets': { of: priced },
  'virtual-currency-purchases': { param: ['unit=Credits'], of: () => false },
  'virtual-currency-savings': {
    of: (row) =>
      units(row['PricingCurrencyListUnitPrice'] ?? '0') > units(row['PricingCurrencyContractedUnitPrice'] ?? '0') &&
      row['PricingCurrencyContractedUnitPrice'] !== null,
    workedOut: ['Charges', 'Savings', 'SavingsPercent'],
  },
}

/** Sums per group, both of text, the groups in one order whatever the query's. */
function tally(lines: readonly Row[], dimensions: readonly string[], summed: readonly string[]): string[] {
  const groups = Map.groupBy(lines, (line) => JSON.stringify(dimensions.map((name) => line[name] ?? null)))
  const sum = (group: readonly Row[], name: string) => {
    const known = group.map((line) => line[name]).filter((value) => typeof value === 'string')
    return known.length === 0 ? null : String(known.reduce((total, value) => total + units(value), 0n))
  }
  return [...groups].map(([key, group]) => `${key} ${summed.map((name) => sum(group, name)).join(' ')}`).toSorted()
}

describe('sums, to the last digit and for every group', () => {
  test.each(Object.entries(expected))('%s', async (useCase, { param = [], of, derived = {}, workedOut = [] }) => {
    const answer = await ask({ useCase, param })
    const about = rows.filter(of ?? (() => true)).map((row) => ({
      ...row,
      ...Object.fromEntries(Object.entries(derived).map(([name, value]) => [name, value(row)])),
    }))
    if (answer.length === 0) return expect(about).toEqual([])
    const columns = Object.keys(answer[0] ?? {}).filter((name) => !workedOut.includes(name))
    const summed = columns.filter((name) => measures.has(name))
    const dimensions = columns.filter((name) => !measures.has(name))
    expect(answer.length).toBeGreaterThan(0)
    expect(tally(answer, dimensions, summed)).toEqual(tally(about, dimensions, summed))
  })
})

test('the periods bound what is summed, both included', async () => {
  const months = await ask({ useCase: 'cost-by-category', param: ['from=2026-09', 'to=2026-09'] })
  const dimensions = ['billing_period', 'ProviderName', 'ServiceCategory', 'BillingCurrency']
  const september = rows.filter((row) => row['billing_period'] === '2026-09')
  expect(september.length).toBeGreaterThan(0)
  expect(tally(months, dimensions, ['BilledCost'])).toEqual(tally(september, dimensions, ['BilledCost']))
})

const workedOutByHand = [
  'anomalies-by-region',
  'anomalies-by-service',
  'anomalies-by-sub-account',
  'average-core-rate',
  'commitment-utilisation',
  'core-usage',
]

test('every use case has a test', () => {
  expect(
    useCases()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual([...Object.keys(expected), ...workedOutByHand].toSorted())
})

test('a use case says what it answers, and every parameter that its SQL reads', () => {
  for (const { name, title, question, parameters, sql } of useCases()) {
    expect(`${title} ${question}`, name).toMatch(/^[A-Z].+ .+\?$/)
    const read = [...sql.matchAll(/getvariable\('([^']+)'\)/g)].map(([, variable]) => variable)
    expect(new Set(parameters.map((parameter) => parameter.name)), name).toEqual(new Set(read))
  }
})

describe('what cannot be asked', () => {
  test.each([
    [{ useCase: 'tag-coverage' }, 'The use case tag-coverage needs the parameter tag'],
    [{ useCase: 'tag-coverage', param: ['tag'] }, 'The parameter tag has no value'],
    [{ useCase: 'tag-coverage', param: ['key=team'] }, 'The use case tag-coverage has no parameter key'],
    [{ useCase: 'weather' }, 'There is no use case weather'],
    [{}, 'there is nothing to ask'],
    [{ sql: 'SELECT 1', useCase: 'accounts' }, 'there are two things to ask'],
    [{ sql: 'SELECT 1', param: ['a=b'] }, 'Parameters belong to a use case'],
  ])('%j', async (question, message) => {
    await expect(ask(question)).rejects.toThrow(message)
  })
})
