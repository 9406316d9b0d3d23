import { describe, expect, test } from 'vitest'
import { DataError } from '../../../src/core/errors.ts'
import { folder, make, value, writeParquet } from './made.ts'

const detailed = `SELECT
  'A-1' AS billing_account_id, {'id': 'S', 'description': 'Compute Engine'} AS service,
  {'id': 'K', 'description': 'E2 Instance Core running in Frankfurt'} AS sku,
  TIMESTAMPTZ '2025-01-10 08:00:00+00' AS usage_start_time, TIMESTAMPTZ '2025-01-10 09:00:00+00' AS usage_end_time,
  {'id': 'p', 'number': '1', 'name': 'P', 'labels': [{'key': 'env', 'value': 'prod'}]} AS project,
  [{'key': 'team', 'value': 'web'}] AS labels, []::STRUCT(key VARCHAR, value VARCHAR)[] AS system_labels,
  {'location': 'europe-west3', 'country': 'DE', 'region': 'europe-west3', 'zone': NULL::VARCHAR} AS location,
  {'name': 'vm', 'global_name': '//compute.googleapis.com/projects/1/zones/europe-west3-a/instances/2'} AS resource,
  {'effective_price': 0.1::DECIMAL(38, 9), 'tier_start_amount': 0::DECIMAL(38, 9), 'unit': 'USD', 'pricing_unit_quantity': 1::DECIMAL(38, 9),
   'list_price': 0.2::DECIMAL(38, 9), 'effective_price_default': 0.1::DECIMAL(38, 9)} AS price,
  TIMESTAMPTZ '2025-01-10 14:12:07.123456+00' AS export_time,
  1::DOUBLE AS cost, 'USD' AS currency, 1::DOUBLE AS currency_conversion_rate,
  {'amount': 36000::DOUBLE, 'unit': 'seconds', 'amount_in_pricing_units': 10::DOUBLE, 'pricing_unit': 'hour'} AS usage,
  [{'name': 'c', 'amount': -0.25::DOUBLE, 'full_name': 'c', 'id': 'c', 'type': 'FREE_TIER', 'new_field': 1}] AS credits,
  {'month': '202501', 'publisher_type': 'GOOGLE'} AS invoice, 'regular' AS cost_type,
  2::DOUBLE AS cost_at_list, 1::DOUBLE AS cost_at_effective_price_default, 'unknown to us' AS a_new_column`

const columns =
  'BilledCost::VARCHAR AS billed, ListCost::VARCHAR AS list, ListUnitPrice::VARCHAR AS price, Tags, ResourceType, AvailabilityZone, SkuPriceId'

describe('Parquet with the nesting and types of BigQuery', () => {
  test('is read as newline JSON is', async () => {
    const session = await make('2025-01', [await writeParquet(folder(), 'a.parquet', detailed)])
    expect(await session.rows(`SELECT ${columns} FROM made`)).toEqual([
      {
        billed: '0.750000000000000000',
        list: '2.000000000000000000',
        price: '0.200000000000000000',
        Tags: '{"project/env":"prod","team":"web"}',
        ResourceType: 'Instance',
        AvailabilityZone: 'europe-west3-a',
        SkuPriceId: 'K/0',
      },
    ])
  })

  test('may lack what the standard export has not', async () => {
    const standard = `SELECT * EXCLUDE (resource, price, cost_at_list, cost_at_effective_price_default) FROM (${detailed})`
    const session = await make('2025-01', [await writeParquet(folder(), 'a.parquet', standard)])
    expect(await session.rows(`SELECT ${columns}, x_Fallbacks FROM made`)).toEqual([
      {
        billed: '0.750000000000000000',
        list: '1.000000000000000000',
        price: '0.100000000000000000',
        Tags: '{"project/env":"prod","team":"web"}',
        ResourceType: null,
        AvailabilityZone: null,
        SkuPriceId: 'K/0',
        x_Fallbacks: '{"ListCost":"no list price: contracted cost"}',
      },
    ])
  })

  test('keeps every digit of a cost that is a decimal', async () => {
    const decimal = `SELECT * REPLACE (0.123456789012::DECIMAL(38, 18) AS cost, [] AS credits) FROM (${detailed})`
    const typed = `SELECT * REPLACE (credits::STRUCT(name VARCHAR, amount DOUBLE, full_name VARCHAR, id VARCHAR, "type" VARCHAR)[] AS credits) FROM (${decimal})`
    const session = await make('2025-01', [await writeParquet(folder(), 'a.parquet', typed)])
    expect(await value(session, 'SELECT BilledCost::VARCHAR FROM made')).toBe('0.123456789012000000')
    expect(await session.rows('SELECT * FROM warnings')).toEqual([
      {
        warning: 'amounts that are not whole millionths: kept as written',
        value: '',
        source_rows: '1',
        hint: 'Google bills in millionths: was the export changed on its way?',
      },
    ])
  })

  test('beside newline JSON and a month of another invoice makes one bill', async () => {
    const directory = folder()
    const other = `SELECT * REPLACE ({'month': '202502', 'publisher_type': 'GOOGLE'} AS invoice) FROM (${detailed})`
    const files = [
      await writeParquet(directory, 'a.parquet', detailed),
      await writeParquet(directory, 'b.parquet', `${detailed} UNION ALL ${other}`),
    ]
    const session = await make('2025-01', files)
    expect(await session.rows('SELECT outcome, source_rows, focus_rows FROM accounting ORDER BY outcome')).toEqual([
      { outcome: 'dropped', source_rows: '1', focus_rows: '0' },
      { outcome: 'kept', source_rows: '1', focus_rows: '1' },
    ])
  })
})

const refusal = async (select: string) => {
  const file = await writeParquet(folder(), 'a.parquet', select)
  return make('2025-01', [file]).then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('Parquet that is no billing export', () => {
  test('a missing nested field is named', async () => {
    const error = await refusal(`SELECT * REPLACE ({'id': 'K'} AS sku) FROM (${detailed})`)
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({
      message: 'the file lacks a field that every billing export has',
      where: { file: 'a.parquet', column: 'sku.description' },
      hint: 'Extract the table again with all of its columns.',
    })
  })

  test('credits without a type are named', async () => {
    expect(await refusal(`SELECT * REPLACE ([{'amount': 1::DOUBLE}] AS credits) FROM (${detailed})`)).toMatchObject({
      message: 'the file lacks a field that every billing export has',
      where: { file: 'a.parquet', column: 'credits.type' },
    })
  })

  test('another table is told as such', async () => {
    expect(await refusal("SELECT 1 AS cost, 'x' AS name")).toMatchObject({
      message: 'the file is not a billing export',
      where: { file: 'a.parquet', column: 'billing_account_id' },
      hint: 'Expected a table gcp_billing_export_v1_… or gcp_billing_export_resource_v1_…, extracted with its nested fields.',
    })
  })
})
