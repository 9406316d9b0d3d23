import { extensionColumns, focusSchema, focusVersions, type FocusColumn } from '../../core/focus.ts'
import { focusLayout } from '../write-staged.ts'
import type { ColumnKind, FileColumn, KnownColumn } from './columns.ts'
import type { Dialect } from './dialect.ts'

const kinds: Record<FocusColumn['type'], ColumnKind> = {
  decimal: 'amount',
  datetime: 'time',
  json: 'map',
  string: 'text',
}

/** x_ columns of AWS that have a place among ours; any other goes to x_IssuerColumns. */
const awsColumns: readonly KnownColumn[] = [
  { name: 'x_Operation', kind: 'text', required: false },
  { name: 'x_UsageType', kind: 'text', required: false },
  { name: 'x_ServiceCode', kind: 'text', required: false },
  { name: 'x_CostCategories', kind: 'map', required: false },
]

/** Without these there is no bill. */
const required = new Set([
  'BilledCost',
  'EffectiveCost',
  'BillingCurrency',
  'BillingPeriodStart',
  'ChargeCategory',
  'ServiceCategory',
])

/** AWS's own FOCUS exports, of any version. */
export function focusExportDialect(): Dialect {
  const columns = everyFocusColumn()
  const known: KnownColumn[] = [
    ...columns.map(({ id, type }) => ({ name: id, kind: kinds[type], required: required.has(id) })),
    ...awsColumns,
  ]
  const byName = new Map(known.map((column) => [column.name.toLowerCase(), column]))
  const names = (type: FocusColumn['type']) => columns.filter((column) => column.type === type).map(({ id }) => id)
  return {
    name: 'FOCUS export',
    known,
    readHeaders: (headers) =>
      headers.map((header) => {
        const column = byName.get(header.toLowerCase())
        return column === undefined ? { header, name: header } : { header, name: column.name, known: column }
      }),
    async describe(session, present) {
      await session.set('decimal_columns', names('decimal'))
      await session.set('datetime_columns', names('datetime'))
      await session.set('json_columns', names('json'))
      await session.set('text_columns', names('string'))
      const issuers = issuerColumns(present)
      await session.set('issuer_columns', ['no_value', ...issuers])
      await session.set('issuer_names', ['', ...issuers.map((name) => `${JSON.stringify(name)}:`)])
    },
    stageSql: 'focus-export-stage.sql',
    layout: focusLayout,
    rowsSql: ['focus-export.sql', 'focus-export-controls.sql'],
  }
}

/** Columns that neither FOCUS nor our own list has. */
function issuerColumns(present: readonly FileColumn[]): string[] {
  const ours = new Set(extensionColumns().map(({ id }) => id))
  return present.filter(({ name, known }) => known === undefined && !ours.has(name)).map(({ name }) => name)
}

/** The columns of every FOCUS version, each once. */
function everyFocusColumn(): FocusColumn[] {
  const byId = new Map(
    focusVersions.flatMap((version) => focusSchema(version).columns.map((column) => [column.id, column] as const)),
  )
  return [...byId.values()]
}

/** Whether a file's header is that of a FOCUS dataset. */
export function isFocusHeader(headers: readonly string[]): boolean {
  return headers.includes('BilledCost') && headers.includes('ChargeCategory')
}
