import type { Session } from '../../core/duckdb.ts'
import { extensionColumns, focusSchema, focusVersions, type FocusColumn } from '../../core/focus.ts'
import { squash, type ColumnKind, type FileColumn, type KnownColumn } from './columns.ts'

const kinds: Record<FocusColumn['type'], ColumnKind> = {
  decimal: 'amount',
  datetime: 'date',
  json: 'object',
  string: 'text',
}

/** Without these there is no bill. */
const required = new Set(['BilledCost', 'EffectiveCost', 'BillingCurrency', 'BillingPeriodStart', 'ChargeCategory'])

/** What Azure's exports before FOCUS 1.0 call columns that were renamed since. */
const earlierNames: Readonly<Record<string, readonly string[]>> = {
  ConsumedQuantity: ['UsageQuantity'],
  ConsumedUnit: ['UsageUnit'],
  RegionName: ['Region'],
  ContractedCost: ['x_OnDemandCost'],
  ContractedUnitPrice: ['x_OnDemandUnitPrice'],
  InvoiceId: ['x_InvoiceId'],
  PricingCurrency: ['x_PricingCurrency'],
  SkuMeter: ['x_SkuMeterName'],
}

/** Every column of every FOCUS version, each once. */
const everyColumn: readonly FocusColumn[] = [
  ...new Map(
    focusVersions.flatMap((version) => focusSchema(version).columns.map((column) => [column.id, column] as const)),
  ).values(),
]

export const focusColumns: readonly KnownColumn[] = everyColumn.map(({ id, type }) => ({
  name: id,
  kind: kinds[type],
  required: required.has(id),
  spellings: [id, ...(earlierNames[id] ?? [])],
}))

/** Says what each header of a FOCUS export is; the ones that no FOCUS version has keep their names. */
export function readFocusHeaders(headers: readonly string[]): FileColumn[] {
  const byName = new Map(focusColumns.map((column) => [squash(column.name), column]))
  const present = new Set(headers.map(squash))
  const renamed = new Map(
    focusColumns
      .filter(({ name }) => !present.has(squash(name)))
      .flatMap((column) => column.spellings.map((spelling) => [squash(spelling), column] as const)),
  )
  return headers.map((header) => {
    const known = byName.get(squash(header)) ?? renamed.get(squash(header))
    return known === undefined ? { header, name: header } : { header, name: known.name, known }
  })
}

function ofType(type: FocusColumn['type']): string[] {
  return everyColumn.filter((column) => column.type === type).map(({ id }) => id)
}

/** Sets the variables of focus-export-stage.sql: the columns by type, and those that FOCUS and our own list do not have. */
export async function describeFocusExport(session: Session, present: readonly FileColumn[] = []): Promise<void> {
  const ours = new Set(extensionColumns().map(({ id }) => id))
  const issuers = present.filter(({ name, known }) => known === undefined && !ours.has(name)).map(({ name }) => name)
  await session.set('decimal_columns', ofType('decimal'))
  await session.set('datetime_columns', ofType('datetime'))
  await session.set('json_columns', ofType('json'))
  await session.set('text_columns', ofType('string'))
  await session.set('issuer_columns', ['no_value', ...issuers])
  await session.set('issuer_names', ['', ...issuers.map((name) => `${JSON.stringify(name)}:`)])
}
