import type { Session } from '../../core/duckdb.ts'
import { readBeside } from '../../core/sql.ts'
import type { SourceFile } from '../transform.ts'
import { readHeaders, squash, type KnownColumn } from './columns.ts'
import { checkShape, createKnown, createRaw, shapeOf, type FileHeader } from './raw.ts'

/** What a data file is, told by its header. Those of the last kind say nothing about charges and are left unread. */
export type FileKind = 'cost' | 'FOCUS export' | 'price sheet' | 'reservation details' | 'other'

export function kindOf({ names }: FileHeader): FileKind {
  const present = new Set(names.map((name) => squash(/\(([^()]+)\)\s*$/.exec(name)?.[1] ?? name)))
  const has = (...headers: string[]) => headers.every((header) => present.has(header))
  if (has('billedcost', 'chargecategory')) return 'FOCUS export'
  if (has('meterid', 'marketprice', 'unitofmeasure') && !has('chargetype') && !has('quantity')) return 'price sheet'
  if (has('reservationid', 'reservedhours', 'usedhours')) return 'reservation details'
  if (has('eventtype', 'reservationorderid') || has('recommendedquantity', 'lookbackperiod')) return 'other'
  return 'cost'
}

const text = (name: string, ...spellings: string[]): KnownColumn => ({ name, kind: 'text', required: false, spellings })
const amount = (name: string, ...spellings: string[]): KnownColumn => ({
  name,
  kind: 'amount',
  required: false,
  spellings,
})

/** Columns of the side files that are used, by the table that they fill. */
const sideColumns = {
  'price sheet': [
    text('meter_id', 'MeterId'),
    text('meter_type', 'MeterType'),
    text('product_id', 'ProductId'),
    text('sku_id', 'SkuId'),
    text('part_number', 'PartNumber'),
    text('unit_of_measure', 'UnitOfMeasure'),
    text('price_type', 'PriceType'),
    text('effective_start', 'EffectiveStartDate'),
    text('tier', 'TierMinimumUnits'),
    amount('market_price', 'MarketPrice'),
    amount('base_price', 'BasePrice'),
  ],
  'reservation details': [
    text('reservation_id', 'ReservationId'),
    text('instance_id', 'InstanceId'),
    amount('flexibility_ratio', 'InstanceFlexibilityRatio'),
  ],
} as const

const fill = { 'price sheet': 'price-sheet.sql', 'reservation details': 'reservation-details.sql' } as const

/** Creates the tables `price_sheet` and `reservation_details`, empty. */
export async function createSideTables(session: Session): Promise<void> {
  await session.run(readBeside(import.meta.url, 'side-tables.sql'))
}

/** Adds one file to its table. */
export async function readSideFile(
  session: Session,
  kind: 'price sheet' | 'reservation details',
  file: SourceFile,
  header: FileHeader,
): Promise<void> {
  const known = sideColumns[kind]
  const shape = shapeOf(file, header, readHeaders(header.names, known, file.name))
  checkShape(shape, known, kind)
  await createKnown(session, known, shape.types)
  await createRaw(session, shape, known)
  await session.run(readBeside(import.meta.url, fill[kind]))
}
