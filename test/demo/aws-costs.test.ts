import { afterAll, describe, expect, test } from 'vitest'
import { months, netReports } from './aws-bills.ts'

const { directory, session, inEachMonth, remove } = await netReports()
afterAll(remove)

describe('costs', () => {
  test('the net of all rows is the unblended cost of all rows', async () => {
    const totals = await inEachMonth<{ total: string; net: string }>(
      (month) =>
        `SELECT sum(d(line_item_unblended_cost)) AS total, sum(d(line_item_net_unblended_cost)) AS net FROM ${month}`,
    )
    for (const [row] of totals) expect(row?.net).toBe(row?.total)
    expect(new Set(totals.map(([row]) => row?.total)).size).toBe(months.length)
  })

  test('each kind of discount row is what the other rows of its account and product had taken off', async () => {
    const kinds = await inEachMonth<{ type: string; wrong: string }>(
      (month) => `
        WITH
        kinds (name, type) AS (
          VALUES ('bundled_discount', 'BundledDiscount'), ('edp_discount', 'EdpDiscount'), ('private_rate_discount', 'PrivateRateDiscount'),
            ('ri_volume_discount', 'RiVolumeDiscount'), ('spp_discount', 'SppDiscount'), ('discount', 'Discount')
        ),
        taken AS (
          SELECT type, line_item_usage_account_id AS account, line_item_product_code AS product, sum(d((discount::MAP(VARCHAR, VARCHAR))[name])) AS amount
          FROM ${month} CROSS JOIN kinds GROUP BY ALL
        ),
        rows AS (
          SELECT line_item_line_item_type AS type, line_item_usage_account_id AS account, line_item_product_code AS product, sum(d(line_item_unblended_cost)) AS amount
          FROM ${month} WHERE type LIKE '%Discount' GROUP BY ALL
        )
        SELECT type, count(*) FILTER (coalesce(taken.amount, 0) + coalesce(rows.amount, 0) <> 0) AS wrong
        FROM taken FULL JOIN rows USING (type, account, product)
        GROUP BY type ORDER BY type`,
    )
    const none = [
      'BundledDiscount',
      'Discount',
      'EdpDiscount',
      'PrivateRateDiscount',
      'RiVolumeDiscount',
      'SppDiscount',
    ].map((type) => ({
      type,
      wrong: '0',
    }))
    expect(kinds).toEqual(months.map(() => none))
  })

  test('a usage cost is its rate times its amount, and tax eight percent of what is charged', async () => {
    const wrong = await inEachMonth<{ usage: string; wrong: string; tax: boolean }>(
      (month) => `
        SELECT
          count(*) FILTER (line_item_line_item_type = 'Usage') AS usage,
          count(*) FILTER (
            line_item_line_item_type = 'Usage'
            AND line_item_unblended_rate::DECIMAL(19, 10) * line_item_usage_amount::DECIMAL(19, 3) <> line_item_unblended_cost::DECIMAL(38, 13)
          ) AS wrong,
          abs(
            sum(d(line_item_unblended_cost)) FILTER (line_item_line_item_type = 'Tax') * 100
            - sum(d(line_item_unblended_cost)) FILTER (line_item_line_item_type NOT IN ('Tax', 'Credit', 'Refund')) * 8
          ) < 50 AS tax
        FROM ${month}`,
    )
    expect(wrong.map(([row]) => [row?.wrong, row?.tax])).toEqual(months.map(() => ['0', true]))
    expect(Number(wrong[0]?.[0]?.usage)).toBeGreaterThan(2_000)
  })

  test('every double is the nearest one to a number of at most ten decimals', async () => {
    const { files } = await filesWithDoubles()
    expect(files).toEqual([])
  })
})

/** The double columns of the written Parquet that a text of ten decimals does not give back. */
async function filesWithDoubles(): Promise<{ files: string[] }> {
  const source = `read_parquet('${directory}/cur2/**/*.parquet', hive_partitioning = false)`
  const columns = await session.rows<{ name: string }>(
    `SELECT column_name AS name FROM (DESCRIBE SELECT * FROM ${source}) WHERE column_type = 'DOUBLE'`,
  )
  expect(columns).toHaveLength(44)
  const files: string[] = []
  for (const { name } of columns) {
    const [row] = await session.rows<{ wrong: string }>(
      `SELECT count(*) AS wrong FROM ${source} WHERE "${name}"::VARCHAR::DECIMAL(38, 10)::VARCHAR::DOUBLE IS DISTINCT FROM "${name}"`,
    )
    if (row?.wrong !== '0') files.push(`${name}: ${row?.wrong}`)
  }
  return { files }
}

describe('rows that repeat others', () => {
  test('ten reserved slots are two used and eight unused, two dedicated ones one and one', async () => {
    const slots = await session.rows(`
      SELECT split_part(line_item_usage_type, ':', 1) AS kind, capacity_reservation_capacity_reservation_status AS status,
        count(*) AS rows, sum(d(line_item_usage_amount)) / 24 / 31 AS slots, min(d(line_item_unblended_cost)) = 0 AS free
      FROM m08 WHERE capacity_reservation_capacity_reservation_arn IS NOT NULL
      GROUP BY ALL ORDER BY kind`)
    expect(slots).toEqual([
      { kind: 'DedicatedRes', status: 'Reserved', rows: '31', slots: 2, free: true },
      { kind: 'DedicatedUsage', status: 'Used', rows: '31', slots: 1, free: false },
      { kind: 'USW2-BoxUsage', status: 'Used', rows: '62', slots: 2, free: false },
      { kind: 'USW2-Reservation', status: 'Reserved', rows: '31', slots: 10, free: true },
      { kind: 'USW2-UnusedBox', status: 'Unused', rows: '31', slots: 8, free: false },
      { kind: 'UnusedDed', status: 'Unused', rows: '31', slots: 1, free: false },
    ])
  })

  test('the split costs of the pods on a node add up to the node', async () => {
    const nodes = await session.rows(`
      WITH pods AS (
        SELECT split_line_item_parent_resource_id AS node, line_item_usage_start_date AS day,
          sum(d(split_line_item_split_cost)) + sum(d(split_line_item_unused_cost)) AS cost,
          sum(d(split_line_item_net_split_cost)) + sum(d(split_line_item_net_unused_cost)) AS net
        FROM m08 WHERE line_item_operation IN ('EKSPod-EC2', 'ECSTask-EC2') GROUP BY ALL
      )
      SELECT count(*) AS node_days, count(*) FILTER (cost = d(line_item_unblended_cost) AND net = d(line_item_net_unblended_cost)) AS exact
      FROM pods JOIN m08 ON line_item_resource_id = node AND line_item_usage_start_date = day`)
    expect(nodes).toEqual([{ node_days: '62', exact: '62' }])
  })
})
