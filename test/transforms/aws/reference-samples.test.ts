import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quoteText } from '../../../src/core/duckdb.ts'
import { openReference, project, type ReferenceTables } from './reference-tables.ts'

const samples = join(project, '../shared/samples/aws')

describe.skipIf(!existsSync(samples))('every fact that the sample bills need is here', () => {
  let session: ReferenceTables['session']
  let values: ReferenceTables['values']
  let close: ReferenceTables['close']

  beforeAll(async () => {
    ;({ session, values, close } = await openReference())
    const parquet = quoteText(join(samples, 'cur1_parquet_walabs/*.parquet'))
    const hourly = quoteText(join(samples, 'cur1_nise_hourly/curhourly/20250101-20250201/*/*.csv.gz'))
    const mock = quoteText(join(samples, 'cur_keboola_mock/cur_2_0/sample_billing_data_v2.csv'))
    await session.run(
      `CREATE TABLE billed AS
       SELECT line_item_product_code AS product_code, line_item_usage_type AS usage_type, pricing_unit AS unit,
              line_item_resource_id AS resource_id, product_region AS region
       FROM read_parquet(${parquet}, union_by_name = true)
       UNION ALL
       SELECT "lineItem/ProductCode", "lineItem/UsageType", "pricing/unit", "lineItem/ResourceId", "product/region"
       FROM read_csv(${hourly}, all_varchar = true)
       UNION ALL
       SELECT line_item_product_code, line_item_usage_type, NULL, line_item_resource_id, NULL
       FROM read_csv(${mock}, all_varchar = true)`,
    )
  })

  afterAll(() => close())

  test('product codes', async () => {
    const codes = await values('SELECT DISTINCT product_code AS value FROM billed ORDER BY 1')
    expect(codes).toHaveLength(17)
    const missing = 'SELECT DISTINCT product_code AS value FROM billed ANTI JOIN services USING (product_code)'
    expect(await values(missing)).toEqual([])
  })

  test('regions', async () => {
    expect(
      await values(
        `SELECT DISTINCT region AS value FROM billed
         WHERE region NOT IN ('', 'global', 'Any') AND region NOT IN (SELECT region_id FROM regions)`,
      ),
    ).toEqual([])
  })

  test('pricing units', async () => {
    expect(
      await values(
        `SELECT DISTINCT unit AS value FROM billed
         WHERE unit <> '' AND lower(unit) NOT IN (SELECT lower(source_unit) FROM pricing_units)`,
      ),
    ).toEqual([])
  })

  test('a unit, and only one, for each usage type that comes without one', async () => {
    await session.run(
      `CREATE TABLE unitless AS
       SELECT DISTINCT regexp_replace(
         usage_type, '^(' || (SELECT string_agg(prefix, '|') FROM region_prefixes) || ')-', ''
       ) AS usage_type
       FROM billed WHERE coalesce(unit, '') = ''`,
    )
    expect(await values('SELECT count(*)::VARCHAR AS value FROM unitless')).toEqual(['43'])
    const unclear = await values(
      `WITH matches AS (
         SELECT usage_type, focus_unit
         FROM unitless LEFT JOIN usage_type_units ON usage_type LIKE usage_type_pattern
         QUALIFY coalesce(priority::INTEGER = min(priority::INTEGER) OVER (PARTITION BY usage_type), true)
       )
       SELECT usage_type AS value FROM matches GROUP BY usage_type HAVING count(DISTINCT focus_unit) <> 1`,
    )
    expect(unclear).toEqual([])
  })

  test('a type for every resource', async () => {
    const untyped = await values(
      `WITH named AS (
         SELECT DISTINCT product_code, resource_id,
           split_part(resource_id, ':', 3) AS service,
           split_part(split_part(resource_id, ':', 6), '/', 1) AS segment,
           regexp_extract(resource_id, '^(.*-)[0-9a-f]{8,17}$', 1) AS id_prefix
         FROM billed WHERE resource_id <> ''
       )
       SELECT DISTINCT product_code || ' ' || resource_id AS value
       FROM named
       WHERE NOT EXISTS (
         SELECT 1 FROM resource_types
         WHERE resource_key IN (service || ':' || segment, service || ':*', id_prefix, product_code)
       )
       ORDER BY 1`,
    )
    expect(untyped).toEqual([
      // An API action, a GUID and a bare database name say nothing of the type: they get the product family.
      'AWSEvents PutCrossAccountEvents',
      'AWSGlue 91cacd5b-d752-4bdb-8caf-f4f2e030353e',
      'AmazonRDS mydb-instance-1',
    ])
  })
})
