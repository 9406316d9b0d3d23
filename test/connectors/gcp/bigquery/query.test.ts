import { expect, test } from 'vitest'
import { bench, failure, partNames, queryFiles, tableId } from './bench.ts'
import { detailedExport } from './detailed-export.ts'

const forbidden = (message: string) => ({ on: 'session', code: 7, details: message }) as const
const noSessions =
  "request failed: the user does not have 'bigquery.readsessions.create' permission for 'projects/acme'"

test('both ways bring the same columns, types and values', async () => {
  const byStorage = await bench(1000)
  const byQuery = await bench(1000)
  const one = await byStorage.fetchNovember({ api: 'storage' })
  const other = await byQuery.fetchNovember({ api: 'query' })
  const described = await queryFiles<{ column_name: string; column_type: string }>(one.files, 'DESCRIBE files')
  expect(await queryFiles(other.files, 'DESCRIBE files')).toEqual(described)
  const typeOf = (name: string) => described.find(({ column_name }) => column_name === name)?.column_type
  expect([typeOf('billing_account_id'), typeOf('cost'), typeOf('export_time')]).toEqual([
    'VARCHAR',
    'DOUBLE',
    'TIMESTAMP WITH TIME ZONE',
  ])
  expect(typeOf('price')).toBe(
    'STRUCT(effective_price DECIMAL(38,9), tier_start_amount DECIMAL(38,9), unit VARCHAR, pricing_unit_quantity DECIMAL(38,9),' +
      ' list_price DECIMAL(38,9), effective_price_default DECIMAL(38,9), list_price_consumption_model DECIMAL(38,9))',
  )
  const all = 'SELECT * FROM files ORDER BY export_time'
  const rows = await queryFiles<Record<string, unknown>>(one.files, all)
  expect(await queryFiles(other.files, all)).toEqual(rows)
  expect(rows[1]).toEqual({
    billing_account_id: '01AB-CD',
    service: { id: '6F81-5844-456A', description: 'Compute Engine' },
    sku: { id: '0001-0000', description: 'N1 Core running in Zürich' },
    usage_start_time: '2025-11-01 01:00:00+00',
    usage_end_time: '2025-11-01 02:00:00+00',
    project: {
      id: 'shop-1',
      number: '12345',
      name: 'Shop',
      labels: [{ key: 'team', value: 'a"b\\n' }],
      ancestry_numbers: '/1/2/',
      ancestors: [],
    },
    labels: [
      { key: 'env', value: 'prod' },
      { key: 'row', value: '1' },
    ],
    system_labels: [{ key: 'compute.googleapis.com/cores', value: '4' }],
    location: { location: 'europe-west6', country: 'CH', region: 'europe-west6', zone: null },
    tags: [{ key: 'cost', value: 'x', inherited: false, namespace: '1/2' }],
    resource: { name: 'vm-1', global_name: '//compute.googleapis.com/projects/1/zones/europe-west6-a/instances/1' },
    price: {
      effective_price: '0.031611001',
      tier_start_amount: '0.000000000',
      unit: 'hour',
      pricing_unit_quantity: '1.000000000',
      list_price: '12345678901234567890123456789.123456789',
      effective_price_default: null,
      list_price_consumption_model: null,
    },
    subscription: null,
    transaction_type: 'GOOGLE',
    seller_name: 'Google',
    export_time: '2025-11-02 03:04:05.000002+00',
    cost: 0.100001,
    currency: 'CHF',
    currency_conversion_rate: 0.79705,
    usage: { amount: 3600.5, unit: 'seconds', amount_in_pricing_units: 1, pricing_unit: 'hour' },
    credits: [],
    invoice: { month: '202511', publisher_type: 'GOOGLE' },
    cost_type: 'regular',
    adjustment_info: null,
    cost_at_list: 0.2,
    cost_at_effective_price_default: 0.2,
    cost_at_list_consumption_model: null,
    consumption_model: { id: 'Default', description: 'Default' },
  })
})

test('reads a query where sessions may not be created, and says so in one line', async () => {
  const { fake, notices, fetchNovember } = await bench(1000)
  fake.fail(forbidden(noSessions))
  fake.setPageSize(250)
  const { files } = await fetchNovember()
  expect(notices).toEqual([
    `${tableId}: reading the pages of a query, as the Storage Read API is not permitted: ${noSessions}`,
  ])
  expect(fake.requests().slice(4)).toEqual([
    `dry run FROM \`${tableId}\``,
    `job FROM \`${tableId}\``,
    'rows from 0',
    'rows from 250',
    'rows from 500',
    'rows from 750',
  ])
  expect(partNames(files)).toEqual(['0000-000000000000-000000000500.parquet', '0000-000000000500-000000000400.parquet'])
  expect(await queryFiles(files, 'SELECT count(DISTINCT resource.name) AS rows FROM files')).toEqual([{ rows: '900' }])
})

test('goes on with the pages of the same query in the next run', async () => {
  const { fake, fetchNovember } = await bench(1000)
  fake.setPageSize(300)
  // The first one answered is the count; then a page is read, and the next one fails for good.
  const { source, delivery } = await fetchNovember({ api: 'query' }).then(async (done) => {
    await done.source.forget([])
    return done
  })
  fake.fail({ on: 'rows', status: 200, reason: '', running: true })
  fake.requests()
  const reading = source.fetch(delivery, (bytes) => {
    if (bytes > 0)
      fake.fail(...Array.from({ length: 3 }, () => ({ on: 'rows', status: 503, reason: 'backendError' }) as const))
  })
  expect((await failure(reading)).message).toBe(`${tableId} could not be read: backendError as told by the test`)
  fake.requests()
  const { files } = await fetchNovember({ api: 'query' })
  expect(fake.requests().slice(3)).toEqual(['rows from 300', 'rows from 600'])
  expect(await queryFiles(files, 'SELECT count(DISTINCT resource.name) AS rows FROM files')).toEqual([{ rows: '900' }])
})

test('does not turn to a query when it is the table that may not be read', async () => {
  const { fake, fetchNovember } = await bench(100)
  const message = "the user does not have 'bigquery.tables.getData' permission for the table"
  fake.fail(forbidden(message))
  expect(await failure(fetchNovember())).toEqual({
    name: 'UserError',
    message: `${tableId} may not be read: bigquery.tables.getData is not granted`,
    where: {},
    hint: `Grant bigquery.tables.getData on ${tableId} to the credentials in use. BigQuery says: ${message}`,
  })
})

test('does not turn to a query when the source asks for the Storage Read API', async () => {
  const { fake, fetchNovember } = await bench(100)
  fake.fail(forbidden(noSessions))
  expect(await failure(fetchNovember({ api: 'storage' }))).toEqual({
    name: 'UserError',
    message: `${tableId} may not be read: bigquery.readsessions.create is not granted`,
    where: {},
    hint: `Grant bigquery.readsessions.create on project acme to the credentials in use. BigQuery says: ${noSessions}`,
  })
})

test('asks again for a session that is refused for a quota', async () => {
  const { fake, fetchNovember } = await bench(100)
  const quota = { on: 'session', code: 8, details: 'Quota exceeded for read sessions' } as const
  fake.fail(quota, quota)
  const { source, files } = await fetchNovember()
  expect(files).toHaveLength(1)
  fake.fail(quota, quota, quota)
  expect(await failure(source.fetch(await source.delivery('2025-10')))).toEqual({
    name: 'RetryableError',
    message: `${tableId} could not be read: Quota exceeded for read sessions`,
    where: {},
    hint: "It was tried up to 3 times; try again later, and look at the project's BigQuery quotas if it goes on.",
  })
})

test('runs no query that would read more than maxBytes', async () => {
  const { fake, fetchNovember } = await bench(100, { estimatedBytes: 3_000_000_000 })
  expect(await failure(fetchNovember({ api: 'query', maxBytes: '2GB' }))).toEqual({
    name: 'UserError',
    message: `${tableId} takes 3,000,000,000 bytes to read 2025-11; maxBytes allows 2,000,000,000`,
    where: {},
    hint: 'Set maxBytes of the source to at least 3000000000, if reading that much is worth its price.',
  })
  expect(fake.requests().slice(3)).toEqual([`dry run FROM \`${tableId}\``])
})

test.each([
  {
    what: 'a BIGNUMERIC',
    given: {
      fields: detailedExport.map((field) => (field.name === 'cost_at_list' ? { ...field, type: 'BIGNUMERIC' } : field)),
    },
    why: 'cost_at_list holds a BIGNUMERIC, which its files cannot hold exactly',
    type: 'VARCHAR',
  },
  { what: 'a view', given: { metadata: { type: 'VIEW' } }, why: 'it is a view', type: 'DOUBLE' },
])('reads $what by query', async ({ given, why, type }) => {
  const { fake, fetchNovember } = await bench(100, given)
  expect(await failure(fetchNovember({ api: 'storage' }))).toEqual({
    name: 'UserError',
    message: `${tableId} cannot be read by the Storage Read API: ${why}`,
    where: {},
    hint: 'Set api of the source to auto or query.',
  })
  fake.requests()
  const { files } = await fetchNovember()
  expect(fake.requests().slice(3)).toEqual([`dry run FROM \`${tableId}\``, `job FROM \`${tableId}\``, 'rows from 0'])
  expect(
    await queryFiles(files, 'SELECT DISTINCT typeof(cost_at_list) AS type, cost_at_list::VARCHAR AS value FROM files'),
  ).toEqual([{ type, value: '0.2' }])
})
