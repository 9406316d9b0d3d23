import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstRecords, plainText } from '../../src/core/archive.ts'
import type { WrittenDelivery } from '../../src/demo/aws/deliver.ts'
import { awsLayouts } from '../../src/demo/aws/layouts.ts'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'
import { deliveryOf, pathsOf, rowsOf, workspace } from './aws-bills.ts'

const { directory, session, remove } = await workspace()
const legacyHeader = readFileSync(new URL('aws-legacy-header.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
let written: readonly WrittenDelivery[] = []

beforeAll(async () => {
  written = await writeAwsBills({ directory, seed: 42, layouts: awsLayouts })
})
afterAll(remove)

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Every file below a folder by its path there, with its hash. */
function hashes(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted()
  return new Map(paths.map((path) => [path.slice(folder.length + 1), sha256(readFileSync(path))]))
}

async function unpacked(path: string): Promise<Buffer> {
  const [source, ...steps] = await plainText({ path, name: path })
  const chunks: Buffer[] = []
  for await (const chunk of steps.reduce((stream, step) => stream.pipe(step), source as NodeJS.ReadableStream))
    chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function total(delivery: WrittenDelivery, column: string): Promise<string | undefined> {
  const [row] = await session.rows<{ total: string }>(
    `SELECT sum("${column}"::VARCHAR::DECIMAL(38, 10)) AS total FROM ${rowsOf(delivery)}`,
  )
  return row?.total
}

describe('layouts', () => {
  test('each is in its own folder, data files and manifests where AWS puts them', () => {
    const places = awsLayouts.map((layout) => {
      const { location, files, manifests, id } = deliveryOf(written, layout, '2026-08')
      return [location.slice(directory.length + 1), ...files, ...manifests].map((path) => path.replace(id, '<id>'))
    })
    const base = 'acme-billing/daily/20260801-20260901'
    const exports = 'acme-exports/cur2'
    expect(places).toEqual([
      [
        'legacy',
        `${base}/<id>/daily-00001.csv.gz`,
        `${base}/<id>/daily-00002.csv.gz`,
        `${base}/<id>/daily-Manifest.json`,
        `${base}/daily-Manifest.json`,
      ],
      ['legacy-zip', `${base}/daily-00001.csv.zip`, `${base}/daily-00002.csv.zip`, `${base}/daily-Manifest.json`],
      [
        'legacy-parquet',
        'acme-billing/daily/daily/year=2026/month=8/daily-00001.snappy.parquet',
        `${base}/daily-Manifest.json`,
      ],
      [
        'cur2',
        `${exports}/data/BILLING_PERIOD=2026-08/cur2-00001.snappy.parquet`,
        `${exports}/metadata/BILLING_PERIOD=2026-08/cur2-Manifest.json`,
      ],
      [
        'cur2-csv',
        `${exports}/data/BILLING_PERIOD=2026-08/cur2-00001.csv.gz`,
        `${exports}/metadata/BILLING_PERIOD=2026-08/cur2-Manifest.json`,
      ],
      [
        'cur2-create-new',
        `${exports}/data/BILLING_PERIOD=2026-08/20260903T061500Z-<id>/cur2-00001.snappy.parquet`,
        `${exports}/metadata/BILLING_PERIOD=2026-08/20260903T061500Z-<id>/cur2-Manifest.json`,
      ],
      [
        'focus-1.0',
        'acme-exports/focus-1-0/data/billing_period=2026-08/focus-1-0-00001.snappy.parquet',
        'acme-exports/focus-1-0/metadata/billing_period=2026-08/focus-1-0-Manifest.json',
      ],
      [
        'focus-1.2',
        'acme-exports/focus-1-2/data/billing_period=2026-08/focus-1-2-00001.snappy.parquet',
        'acme-exports/focus-1-2/metadata/billing_period=2026-08/focus-1-2-Manifest.json',
      ],
    ])
  })

  test('every manifest names exactly the files of its delivery, and no other file lies there', () => {
    const named = new Set<string>()
    for (const { location, files, manifests, id } of written) {
      for (const manifest of manifests) {
        const content = JSON.parse(readFileSync(join(location, manifest), 'utf8')) as Record<string, unknown>
        const keys = (content['dataFiles'] ?? content['reportKeys']) as string[]
        expect(keys.map((key) => key.replace('s3://acme-billing-exports/', ''))).toEqual(files)
        expect(content['executionId'] ?? content['assemblyId']).toBe(id)
        named.add(join(location, manifest))
      }
      for (const file of files) named.add(join(location, file))
    }
    const status = join(
      directory,
      'legacy-parquet/acme-billing/daily/daily/cost_and_usage_data_status/cost_and_usage_data_status.parquet',
    )
    expect(
      [...hashes(directory).keys()].map((path) => join(directory, path)).filter((path) => !path.includes('/spill/')),
    ).toEqual([...named, status].toSorted())
  })

  test('a legacy header and manifest spell every column as AWS does', async () => {
    const { location, files, manifests } = deliveryOf(written, 'cur-csv-gz', '2026-08')
    for (const file of files) {
      const path = join(location, file)
      expect(await firstRecords({ path, name: path }, 1)).toEqual([legacyHeader])
    }
    const manifest = JSON.parse(readFileSync(join(location, manifests[0] ?? ''), 'utf8')) as {
      columns: { category: string; name: string }[]
    }
    expect(manifest.columns.map(({ category, name }) => `${category}/${name}`)).toEqual(legacyHeader)
    expect(legacyHeader).toEqual(
      expect.arrayContaining(['reservation/ReservationARN', 'savingsPlan/SavingsPlanARN', 'costCategory/Charge type']),
    )
  })

  test('gzip and zip hold the same text, with times, empty values and small amounts as AWS writes them', async () => {
    const gzip = pathsOf(deliveryOf(written, 'cur-csv-gz', '2026-08'))
    const zip = pathsOf(deliveryOf(written, 'cur-csv-zip', '2026-08'))
    expect(zip).toHaveLength(2)
    for (const [index, path] of zip.entries())
      expect(await unpacked(path)).toEqual(gunzipSync(readFileSync(gzip[index] ?? '')))
    const amounts = await session.rows<{ shape: string }>(`
      SELECT DISTINCT regexp_replace("lineItem/UnblendedCost", '\\d+', '9', 'g') AS shape FROM ${rowsOf(deliveryOf(written, 'cur-csv-gz', '2026-08'))} ORDER BY shape`)
    expect(amounts.map(({ shape }) => shape)).toEqual(['-9.9', '-9.9E-9', '9.9', '9.9E-9'])
    const text = gunzipSync(readFileSync(gzip[0] ?? '')).toString()
    expect(text.split('\n')[1]).toContain(',Anniversary,111122223333,2026-08-01T00:00:00Z,2026-09-01T00:00:00Z,')
    expect(text).not.toMatch(/,(NULL|null|""),/)
  })

  test('an independent reader reads the Parquet, maps and doubles included', async () => {
    const [path = ''] = pathsOf(deliveryOf(written, 'cur2-parquet', '2026-08'))
    const bytes = readFileSync(path)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    const rows = await parquetReadObjects({
      file,
      compressors,
      columns: ['line_item_unblended_cost', 'resource_tags', 'line_item_usage_amount'],
    })
    expect(rows[0]).toEqual({
      line_item_unblended_cost: 2.304,
      line_item_usage_amount: 24,
      resource_tags: { user_cost_center: 'payments ' },
    })
    expect(rows).toHaveLength(deliveryOf(written, 'cur2-parquet', '2026-08').lineItems)
  })

  test('every layout of an organisation has the same total, and the organisations have no account in common', async () => {
    for (const period of ['2026-08', '2026-09', '2026-10']) {
      const of = (layout: Parameters<typeof deliveryOf>[1]) => deliveryOf(written, layout, period)
      const acme = await total(of('cur-csv-gz'), 'lineItem/UnblendedCost')
      expect(await total(of('cur-parquet'), 'line_item_unblended_cost')).toBe(acme)
      expect(await total(of('focus-1.0'), 'BilledCost')).toBe(acme)
      expect(await total(of('focus-1.2'), 'BilledCost')).toBe(acme)
      const birchwood = await total(of('cur2-parquet'), 'line_item_unblended_cost')
      expect(await total(of('cur2-csv-gz'), 'line_item_unblended_cost')).toBe(birchwood)
      expect(await total(of('cur2-parquet-create-new'), 'line_item_net_unblended_cost')).toBe(birchwood)
      expect(birchwood).not.toBe(acme)
    }
    const common = await session.rows(`
      SELECT "lineItem/UsageAccountId" FROM ${rowsOf(deliveryOf(written, 'cur-csv-gz', '2026-08'))}
      INTERSECT SELECT line_item_usage_account_id FROM ${rowsOf(deliveryOf(written, 'cur2-parquet', '2026-08'))}`)
    expect(common).toEqual([])
  })

  test('the maps of a csv export are JSON text', async () => {
    const [row] = await session.rows(`
      SELECT product, resource_tags, discount, cost_category FROM ${rowsOf(deliveryOf(written, 'cur2-csv-gz', '2026-08'))}
      WHERE line_item_usage_type = 'EUC1-BoxUsage:m5.xlarge' ORDER BY identity_line_item_id, identity_time_interval LIMIT 1`)
    expect(row).toEqual({
      product:
        '{"product_name":"Amazon Elastic Compute Cloud","region":"eu-central-1","servicename":"Amazon Elastic Compute Cloud","vcpu":"4","memory":"16 GiB","operating_system":"Linux"}',
      resource_tags: '{"user_cost_center":"Platform","user_name":"cluster-node"}',
      discount: '{"edp_discount":0.288,"total_discount":0.288}',
      cost_category: '{"Charge type":"Usage"}',
    })
  })
})

describe('repeated writing', () => {
  test('the same seed gives the same bytes, on one thread or two', async () => {
    const big = {
      seed: 42,
      months: ['2026-08'],
      rows: 210_000,
      rowsPerFile: 75_000,
      layouts: ['cur-csv-gz', 'cur2-parquet'],
    } as const
    await writeAwsBills({ ...big, directory: join(directory, 'big-1'), threads: 1 })
    await writeAwsBills({ ...big, directory: join(directory, 'big-2'), threads: 2 })
    const [one, two] = [hashes(join(directory, 'big-1')), hashes(join(directory, 'big-2'))]
    expect(two).toEqual(one)
    expect([...one.keys()].filter((path) => /\.(gz|parquet)$/.test(path))).toHaveLength(6)
  })

  test('small bills too, and another seed gives other amounts', async () => {
    const small = { months: ['2026-08', '2026-09'], rows: 1_500, layouts: ['cur-csv-zip', 'focus-1.2'] } as const
    const first = await writeAwsBills({ ...small, seed: 1, directory: join(directory, 'small-1') })
    await writeAwsBills({ ...small, seed: 1, directory: join(directory, 'small-2') })
    const other = await writeAwsBills({ ...small, seed: 2, directory: join(directory, 'small-3') })
    expect(hashes(join(directory, 'small-2'))).toEqual(hashes(join(directory, 'small-1')))
    expect(await total(deliveryOf(other, 'focus-1.2', '2026-08'), 'BilledCost')).not.toBe(
      await total(deliveryOf(first, 'focus-1.2', '2026-08'), 'BilledCost'),
    )
  })

  test('months must be months, in order', async () => {
    const wanted = { directory, seed: 1 }
    await expect(writeAwsBills({ ...wanted, months: [] })).rejects.toThrow('no month to write a bill for')
    await expect(writeAwsBills({ ...wanted, months: ['2026-13'] })).rejects.toThrow(
      '"2026-13" is not a month after the one before it',
    )
    await expect(writeAwsBills({ ...wanted, months: ['2026-09', '2026-08'] })).rejects.toThrow(
      '"2026-08" is not a month after the one before it',
    )
  })
})
