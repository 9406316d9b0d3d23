import type { Period } from '../../core/period.ts'
import { periodBounds } from '../../core/period.ts'
import type { Bill } from './bill.ts'

/** The ways AWS lays out and packs a billing export, as far as they differ for a reader. */
export const awsLayouts = [
  'cur-csv-gz',
  'cur-csv-zip',
  'cur-parquet',
  'cur2-parquet',
  'cur2-csv-gz',
  'cur2-parquet-create-new',
  'focus-1.0',
  'focus-1.2',
] as const
export type AwsLayout = (typeof awsLayouts)[number]

export interface LayoutFacts {
  readonly organisation: Bill['organisation']
  /** Folder below the target directory; stands for the bucket's root and is what a source's location names. */
  readonly root: string
  readonly prefix: string
  /** The name of the report or export, which AWS's file names begin with. */
  readonly exportName: string
  readonly family: 'legacy' | 'athena' | 'data-export'
  /** `sql/<select>.sql` gives the columns. */
  readonly select: string
  readonly packing: 'csv.gz' | 'csv.zip' | 'snappy.parquet'
  /** Whether a new delivery lies beside the earlier ones rather than over them. */
  readonly keepsVersions: boolean
}

/** Where one delivery's files go, relative to the layout's root; manifests in the order they are written. */
export interface DeliveryPaths {
  readonly dataFolder: string
  readonly manifests: readonly string[]
}

const legacy = { organisation: 'acme', prefix: 'acme-billing', family: 'legacy', select: 'legacy-csv' } as const
const cur2 = { organisation: 'birchwood', prefix: 'acme-exports', exportName: 'cur2', family: 'data-export' } as const
const focus = {
  organisation: 'acme',
  prefix: 'acme-exports',
  family: 'data-export',
  packing: 'snappy.parquet',
  keepsVersions: false,
} as const

const facts: Record<AwsLayout, Omit<LayoutFacts, 'exportName'> & { exportName?: string }> = {
  'cur-csv-gz': { ...legacy, root: 'legacy', packing: 'csv.gz', keepsVersions: true },
  'cur-csv-zip': { ...legacy, root: 'legacy-zip', packing: 'csv.zip', keepsVersions: false },
  'cur-parquet': {
    ...legacy,
    root: 'legacy-parquet',
    family: 'athena',
    select: 'legacy-parquet',
    packing: 'snappy.parquet',
    keepsVersions: false,
  },
  'cur2-parquet': { ...cur2, root: 'cur2', select: 'cur2', packing: 'snappy.parquet', keepsVersions: false },
  'cur2-csv-gz': { ...cur2, root: 'cur2-csv', select: 'cur2-csv', packing: 'csv.gz', keepsVersions: false },
  'cur2-parquet-create-new': {
    ...cur2,
    root: 'cur2-create-new',
    select: 'cur2',
    packing: 'snappy.parquet',
    keepsVersions: true,
  },
  'focus-1.0': { ...focus, root: 'focus-1.0', exportName: 'focus-1-0', select: 'focus-1.0' },
  'focus-1.2': { ...focus, root: 'focus-1.2', exportName: 'focus-1-2', select: 'focus-1.2' },
}

/** A legacy report is named after its granularity. */
export function layoutFacts(layout: AwsLayout, granularity: 'hourly' | 'daily'): LayoutFacts {
  return { exportName: granularity, ...facts[layout] }
}

export function deliveryPaths(layout: LayoutFacts, period: Period, id: string, deliveredAt: Date): DeliveryPaths {
  const base = `${layout.prefix}/${layout.exportName}`
  const manifest = `${layout.exportName}-Manifest.json`
  const dates = dateRange(period)
  if (layout.family === 'athena') {
    const [year, month] = period.split('-').map(Number)
    return {
      dataFolder: `${base}/${layout.exportName}/year=${year}/month=${month}`,
      manifests: [`${base}/${dates}/${manifest}`],
    }
  }
  if (layout.family === 'legacy') {
    if (!layout.keepsVersions) return { dataFolder: `${base}/${dates}`, manifests: [`${base}/${dates}/${manifest}`] }
    return {
      dataFolder: `${base}/${dates}/${id}`,
      manifests: [`${base}/${dates}/${id}/${manifest}`, `${base}/${dates}/${manifest}`],
    }
  }
  const key = layout.select.startsWith('focus') ? 'billing_period' : 'BILLING_PERIOD'
  const version = layout.keepsVersions ? `/${compactTime(deliveredAt)}-${id}` : ''
  return {
    dataFolder: `${base}/data/${key}=${period}${version}`,
    manifests: [`${base}/metadata/${key}=${period}${version}/${manifest}`],
  }
}

/** `20260801-20260901`. */
function dateRange(period: Period): string {
  const { start, end } = periodBounds(period)
  return `${start}-${end}`.replace(/(\d{4})-(\d{2})-(\d{2})-(\d{4})-(\d{2})-(\d{2})/, '$1$2$3-$4$5$6')
}

/** `20261021T061500Z`. */
function compactTime(time: Date): string {
  return time.toISOString().replaceAll(/[-:]|\.\d+/g, '')
}
