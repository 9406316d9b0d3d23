import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { bench, failure, tableId } from './bench.ts'
import { detailedExport } from './detailed-export.ts'
import { startFakeBigQuery } from './fake-bigquery.ts'

test('finds the months of the table with one look and one query', async () => {
  const { fake, open } = await bench(100, { metadata: { numRows: '100', numBytes: '70050' } })
  const source = await open()
  expect(await source.periods()).toEqual(['2025-10', '2025-11'])
  const delivery = await source.delivery('2025-11')
  expect(fake.requests()).toEqual([
    `table acme/datasets/billing/tables/gcp_billing_export_resource_v1_01AB_CD`,
    `job FROM \`${tableId}\``,
    'rows from 0',
  ])
  expect(delivery).toEqual({
    period: '2025-11',
    id: 'a9b9ec65cbc7',
    fingerprint: 'a9b9ec65cbc7f2ebd95c55fa75c8f9a8d6496bcf89ce8997b1b5c982a1bc2f43',
    layout: 'BigQuery table, up to 2025-11-02T03:04:05.000099Z, 90 rows',
    files: [
      {
        key: `${tableId}/invoice.month=202511`,
        size: 63_045,
        version: 'up to 2025-11-02T03:04:05.000099Z, 90 rows',
      },
    ],
    columns: detailedExport.map(({ name }) => name).filter((name) => name !== 'copied_by'),
  })
})

test('a late row makes a new delivery of its own month only', async () => {
  const { fake, open } = await bench(100)
  const before = await Promise.all(['2025-10', '2025-11'].map(async (period) => (await open()).delivery(period)))
  await fake.run(`INSERT INTO export BY NAME SELECT * REPLACE (TIMESTAMPTZ '2025-12-04 00:00:00+00' AS export_time)
    FROM export WHERE resource.name = 'vm-19'`)
  const after = await Promise.all(['2025-10', '2025-11'].map(async (period) => (await open()).delivery(period)))
  expect(after[0]?.layout).toBe('BigQuery table, up to 2025-12-04T00:00:00.000000Z, 11 rows')
  expect(after[0]?.fingerprint).not.toBe(before[0]?.fingerprint)
  expect(after[1]).toEqual(before[1])
})

test('a month that the table does not have is waited for', async () => {
  const { open } = await bench(100)
  expect((await (await open()).delivery('2025-12')).waiting).toBe(`not complete: ${tableId} has no row of 2025-12 yet`)
})

test('refuses rows without an invoice month', async () => {
  const { fake, open } = await bench(100)
  await fake.run('UPDATE export SET invoice = NULL WHERE cost < 0.10001')
  expect(await failure((await open()).periods())).toEqual({
    name: 'DataError',
    message: `10 rows of ${tableId} have no invoice month or no export time`,
    where: { column: 'invoice.month', value: 'NULL' },
    hint: 'Google fills both in every row: look whether something else writes to the table.',
  })
})

test('refuses a table that is no billing export, and names what it lacks', async () => {
  const fields = detailedExport
    .filter(({ name }) => name !== 'cost' && name !== 'credits')
    .map((field) => (field.name === 'invoice' ? { ...field, fields: [{ name: 'number', type: 'STRING' }] } : field))
  const { open } = await bench(0, { fields })
  expect(await failure(open())).toEqual({
    name: 'UserError',
    message: `${tableId} is not a billing export: it lacks cost, credits, invoice.month`,
    where: {},
    hint: 'Name the standard (gcp_billing_export_v1_…) or the detailed (gcp_billing_export_resource_v1_…) usage cost export.',
  })
})

test('reads a standard export, which has fewer columns', async () => {
  const detailedOnly = new Set(['resource', 'price', 'subscription', 'copied_by'])
  const fields = detailedExport.filter(({ name }) => !detailedOnly.has(name ?? ''))
  const { fake, open } = await bench(0, { fields })
  await fake.run(`INSERT INTO export BY NAME
    SELECT {'month': '202511', 'publisher_type': NULL} AS invoice, TIMESTAMPTZ '2025-11-02 00:00:00+00' AS export_time`)
  const source = await open()
  const delivery = await source.delivery('2025-11')
  expect(delivery.columns).toEqual(fields.map(({ name }) => name))
  expect(await source.fetch(delivery)).toHaveLength(1)
})

test.each([
  {
    what: 'a table that is not there',
    fault: { on: 'table', status: 404, reason: 'notFound' },
    error: {
      name: 'UserError',
      message: `there is no table ${tableId}`,
      where: {},
      hint: 'Copy the table id from BigQuery; a new export takes some hours to create its table.',
    },
  },
  {
    what: 'a table that may not be looked at',
    fault: { on: 'table', status: 403, reason: 'accessDenied', message: 'Access Denied' },
    error: {
      name: 'UserError',
      message: `${tableId} may not be read: bigquery.tables.get is not granted`,
      where: {},
      hint: `Grant bigquery.tables.get on ${tableId} to the credentials in use. BigQuery says: Access Denied`,
    },
  },
  {
    what: 'a project in which no query may be run',
    fault: { on: 'job', status: 403, reason: 'accessDenied', message: 'User has no bigquery.jobs.create permission' },
    error: {
      name: 'UserError',
      message: `${tableId} may not be read: bigquery.jobs.create is not granted`,
      where: {},
      hint: 'Grant bigquery.jobs.create on project acme to the credentials in use. BigQuery says: User has no bigquery.jobs.create permission',
    },
  },
  {
    what: 'a count that would bill too much',
    fault: {
      on: 'job',
      status: 400,
      reason: 'bytesBilledLimitExceeded',
      message: 'Query exceeded limit for bytes billed: 10485760.',
    },
    error: {
      name: 'UserError',
      message: `${tableId} takes more bytes to read than maxBytes allows: Query exceeded limit for bytes billed: 10485760.`,
      where: {},
      hint: 'Raise maxBytes of the source.',
    },
  },
  {
    what: 'a query that BigQuery does not take',
    fault: { on: 'job', status: 400, reason: 'invalidQuery', message: 'Syntax error' },
    error: { name: 'UserError', message: `${tableId} cannot be read: Syntax error`, where: {}, hint: undefined },
  },
] as const)('tells of $what', async ({ fault, error }) => {
  const { fake, open } = await bench(100)
  fake.fail(fault)
  expect(await failure(open().then((source) => source.periods()))).toEqual(error)
})

test('tells of credentials that cannot be had, in the words of the chain that looks for them', async () => {
  const { fake, open } = await bench(100)
  const key = path.join(temporaryFolder(), 'key.json')
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', key)
  onTestFinished(() => void vi.unstubAllEnvs())
  fake.fail({ on: 'table', status: 401, reason: 'authError' })
  expect(await failure(open())).toEqual({
    name: 'UserError',
    message:
      `no Google credentials to read ${tableId}: Unable to read the credential file specified by the GOOGLE_APPLICATION_CREDENTIALS` +
      ` environment variable: The file at ${key} does not exist, or it is not a file. ENOENT: no such file or directory, lstat '${key}'`,
    where: {},
    hint: 'Sign in with `gcloud auth application-default login`, or name a key file in GOOGLE_APPLICATION_CREDENTIALS.',
  })
})

test.each([
  { status: 403, reason: 'rateLimitExceeded' },
  { status: 403, reason: 'quotaExceeded' },
  { status: 429, reason: 'jobRateLimitExceeded' },
  { status: 503, reason: 'backendError' },
])('asks again after $status $reason, and says so when that does not help', async ({ status, reason }) => {
  const { fake, open } = await bench(100)
  const again = { on: 'table', status, reason } as const
  fake.fail(again, again)
  await open()
  expect(fake.requests()).toHaveLength(3)
  fake.fail(again, again, again)
  expect(await failure(open())).toEqual({
    name: 'RetryableError',
    message: `${tableId} could not be read: ${reason} as told by the test`,
    where: {},
    hint: "It was tried up to 3 times; try again later, and look at the project's BigQuery quotas if it goes on.",
  })
  expect(fake.requests()).toHaveLength(3)
})

test('asks again when the connection is reset', async () => {
  const { fake, open } = await bench(100)
  fake.fail({ on: 'rows', status: 0, reason: '', reset: true })
  expect(await (await open()).periods()).toEqual(['2025-10', '2025-11'])
  expect(fake.requests().filter((line) => line === 'rows from 0')).toHaveLength(2)
})

test('starts no second query when only the answer to the first was lost', async () => {
  const { fake, open } = await bench(100)
  fake.fail({ on: 'job', status: 503, reason: 'backendError', late: true })
  expect(await (await open()).periods()).toEqual(['2025-10', '2025-11'])
  expect(fake.requests().slice(1)).toEqual([`job FROM \`${tableId}\``, `job FROM \`${tableId}\``, 'rows from 0'])
})

test('waits for a query that is still running', async () => {
  const { fake, open } = await bench(100)
  const running = { on: 'rows', status: 200, reason: '', running: true } as const
  fake.fail(running, running, running, running)
  expect(await (await open()).periods()).toEqual(['2025-10', '2025-11'])
})

test('tells of a server that is not there', async () => {
  const { fake, open } = await bench(100)
  const gone = await startFakeBigQuery()
  await gone.close()
  Object.assign(fake.env, gone.env)
  const error = await failure(open())
  expect(error.name).toBe('RetryableError')
  expect(error.message).toMatch(
    /^acme\.billing\.gcp_billing_export_resource_v1_01AB_CD could not be read: .*ECONNREFUSED 127\.0\.0\.1:\d+$/,
  )
})
