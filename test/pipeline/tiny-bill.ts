import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { periodBounds, type Period } from '../../src/core/period.ts'

/** One usage charge of a hand-written bill. */
export interface Charge {
  readonly cost: string
  readonly service?: string
  readonly account?: string
  readonly type?: string
}

export interface TinyDelivery {
  readonly period: Period
  /** Assembly id. */
  readonly id: string
  readonly charges: readonly Charge[]
  /** Charges are on an invoice unless this says otherwise. */
  readonly invoiced?: boolean
}

const header = [
  'identity/LineItemId',
  'bill/InvoiceId',
  'bill/BillType',
  'bill/PayerAccountId',
  'bill/BillingPeriodStartDate',
  'bill/BillingPeriodEndDate',
  'lineItem/UsageAccountId',
  'lineItem/LineItemType',
  'lineItem/UsageStartDate',
  'lineItem/UsageEndDate',
  'lineItem/ProductCode',
  'lineItem/UsageType',
  'lineItem/Operation',
  'lineItem/UsageAmount',
  'lineItem/CurrencyCode',
  'lineItem/UnblendedRate',
  'lineItem/UnblendedCost',
  'pricing/unit',
  'resourceTags/user:CostCenter',
]

/** Writes a delivery as a legacy report that creates new versions: data first, then the manifest that names it. */
export function deliver(folder: string, delivery: TinyDelivery): void {
  const file = dataFile(delivery)
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), billText(delivery))
  name(folder, delivery)
}

/** Lets the month's manifest name a delivery whose files are there already. */
export function name(folder: string, delivery: Pick<TinyDelivery, 'period' | 'id'>): void {
  const manifest = { assemblyId: delivery.id, reportKeys: [dataFile(delivery)] }
  const target = path.join(folder, monthFolder(delivery.period), 'tiny-Manifest.json')
  writeFileSync(`${target}.next`, JSON.stringify(manifest))
  renameSync(`${target}.next`, target)
}

export function remove(folder: string, delivery: Pick<TinyDelivery, 'period' | 'id'>): void {
  rmSync(path.join(folder, dataFile(delivery)))
}

/** Relative to the folder of the source. */
export function dataFile({ period, id }: Pick<TinyDelivery, 'period' | 'id'>): string {
  return `${monthFolder(period)}/${id}/tiny-1.csv`
}

function monthFolder(period: Period): string {
  const { start, end } = periodBounds(period)
  return `${start}-${end}`.replace(/(\d{4})-(\d{2})-(\d{2})-(\d{4})-(\d{2})-(\d{2})/, '$1$2$3-$4$5$6')
}

export function billText({ period, charges, invoiced = true }: Omit<TinyDelivery, 'id'>): string {
  const { start, end } = periodBounds(period)
  const rows = charges.map(({ cost, service = 'AmazonS3', account = '222233334444', type = 'Usage' }, index) => [
    `line-${index + 1}`,
    invoiced ? 'INV-1' : '',
    'Anniversary',
    '111122223333',
    `${start}T00:00:00Z`,
    `${end}T00:00:00Z`,
    account,
    type,
    `${start}T00:00:00Z`,
    `${start}T01:00:00Z`,
    service,
    'TimedStorage-ByteHrs',
    'StandardStorage',
    '1',
    'USD',
    cost,
    cost,
    'GB-Mo',
    'platform',
  ])
  return `${[header, ...rows].map((row) => row.join(',')).join('\n')}\n`
}
