import { readFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { ObjectStore } from '../../src/connectors/stores/object-store.ts'
import { openStore } from '../../src/connectors/stores/open.ts'
import { describeError, RetryableError, UserError } from '../../src/core/errors.ts'
import { bench, failure, find, holding, secrets } from './s3-bench.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('waits out a server that is busy or broken, in listings, looks and bodies', async () => {
  const { fake, store, waits } = await bench()
  fake.put('cur/a.csv.gz', 'bill')
  fake.fail(
    { on: 'LIST', status: 503, code: 'SlowDown' },
    { on: 'LIST', status: 500, code: 'InternalError' },
    { on: 'LIST', reset: 'at once' },
    { on: 'HEAD', status: 500, code: 'InternalError' },
    { on: 'GET', status: 503, code: 'SlowDown', headers: { 'retry-after': '7' } },
    { on: 'GET', status: 400, code: 'RequestTimeout' },
  )
  const file = await store.fetch(await find(store, 'a.csv.gz'))
  expect(await readFile(file, 'utf8')).toBe('bill')
  expect(waits).toEqual([50, 100, 200, 50, 7050, 100])
})

test('gives up on a busy server after the attempts of the policy', async () => {
  const { fake, store, waits } = await bench()
  for (let count = 0; count < 4; count += 1) fake.fail({ status: 503, code: 'SlowDown' })
  const error = await failure(store.list(''))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe(`s3://acme-billing/cur could not be read from ${fake.endpoint}: SlowDown (503)`)
  expect(fake.requests()).toEqual(['LIST cur/', 'LIST cur/', 'LIST cur/', 'LIST cur/'])
  expect(waits).toEqual([50, 100, 200])
})

test('names the endpoint that refuses connections', async () => {
  const { fake, store } = await bench()
  await fake.close()
  const error = await failure(store.list(''))
  expect(error).toBeInstanceOf(RetryableError)
  const address = fake.endpoint.replace('http://', '')
  expect(describeError(error)).toBe(
    `s3://acme-billing/cur could not be read from ${fake.endpoint}: connect ECONNREFUSED ${address}\n` +
      '  where: file s3://acme-billing/cur\n' +
      '  hint: It was tried up to 4 times; try again later, and check the network if it goes on.',
  )
})

test('follows a bucket to its region, once', async () => {
  const { fake, store, waits } = await bench()
  fake.put('cur/a.csv', 'bill')
  fake.fail({ status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'us-west-2' } })
  expect((await store.list('')).objects.map(({ key }) => key)).toEqual(['a.csv'])
  expect((await store.list('')).objects.map(({ key }) => key)).toEqual(['a.csv'])
  expect(fake.requests()).toEqual(['LIST cur/', 'LIST cur/', 'LIST cur/'])
  expect(fake.regions()).toEqual(['eu-central-1', 'us-west-2', 'us-west-2'])
  expect(waits).toEqual([])
})

const place = 's3://acme-billing/cur'
const get = 's3://acme-billing/cur/a.csv.gz'
test.each([
  {
    on: 'LIST' as const,
    status: 403,
    code: 'AccessDenied',
    says: `${place} may not be listed\n  where: file ${place}\n  hint: Allow s3:ListBucket on arn:aws:s3:::acme-billing to the credentials in use.`,
  },
  {
    on: 'GET' as const,
    status: 403,
    code: 'AccessDenied',
    says:
      `${get} may not be read\n  where: file ${get}\n  hint: Allow s3:GetObject on arn:aws:s3:::acme-billing/cur/a.csv.gz` +
      ' to the credentials in use, and kms:Decrypt on its key if it is encrypted with one.',
  },
  {
    on: 'HEAD' as const,
    status: 403,
    code: 'Forbidden',
    says:
      `${get} may not be read\n  where: file ${get}\n  hint: Allow s3:GetObject on arn:aws:s3:::acme-billing/cur/a.csv.gz` +
      ' to the credentials in use, and kms:Decrypt on its key if it is encrypted with one.',
  },
  {
    on: 'GET' as const,
    status: 403,
    code: 'InvalidObjectState',
    says: `${get} is archived and cannot be read\n  where: file ${get}\n  hint: Restore it in S3 first, or leave its billing period out.`,
  },
  {
    on: 'LIST' as const,
    status: 403,
    code: 'SignatureDoesNotMatch',
    says: `ENDPOINT does not accept the AWS credentials in use (SignatureDoesNotMatch)\n  where: file ${place}\n  hint: Check which credentials AWS_PROFILE or the environment select.`,
  },
  {
    on: 'LIST' as const,
    status: 400,
    code: 'ExpiredToken',
    says: `the AWS credentials used to read ${place} have expired\n  where: file ${place}\n  hint: Sign in again, for instance with \`aws sso login\`.`,
  },
  {
    on: 'LIST' as const,
    status: 301,
    code: 'PermanentRedirect',
    says: `the bucket "acme-billing" is in another region and cannot be reached through ENDPOINT\n  where: file ${place}\n  hint: Set AWS_REGION to the region of the bucket.`,
  },
  {
    on: 'LIST' as const,
    status: 404,
    code: 'NoSuchBucket',
    says: `there is no bucket "acme-billing" at ENDPOINT\n  where: file ${place}\n  hint: Correct the location, or AWS_ENDPOINT_URL if the bucket is not at AWS.`,
  },
  {
    on: 'LIST' as const,
    status: 400,
    code: 'InvalidBucketName',
    says: `${place} cannot be listed with s3:ListBucket: InvalidBucketName (400), InvalidBucketName as told by the test\n  where: file ${place}`,
  },
])('explains $code ($status) to $on, once and without a secret', async ({ on, status, code, says }) => {
  const { fake, store, object, waits } = await holding(10)
  // What S3 adds to a refused signature.
  fake.fail({ on, status, code, fields: { AWSAccessKeyId: secrets.id, CanonicalRequest: 'host;x-amz-date' } })
  const error = await failure(on === 'LIST' ? store.list('') : store.fetch(object))
  expect(error).toBeInstanceOf(UserError)
  expect(describeError(error)).toBe(says.replace('ENDPOINT', fake.endpoint))
  expect(waits).toEqual([])
  const all = inspect(error, { depth: Infinity, showHidden: true })
  for (const secret of [secrets.id, secrets.key, 'x-amz-date']) expect(all).not.toContain(secret)
})

test('tells a bucket that is gone from an object that is not there', async () => {
  const { fake, store } = await bench()
  fake.fail({ on: 'GET', status: 404, code: 'NoSuchBucket' })
  const error = await failure(store.readText('manifest.json'))
  expect(error).toBeInstanceOf(UserError)
  expect(error.message).toBe(`there is no bucket "acme-billing" at ${fake.endpoint}`)
})

test('says how credentials are found when there are none', async () => {
  const environment = { ...process.env }
  onTestFinished(() => {
    process.env = environment
  })
  process.env = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/none', AWS_SHARED_CREDENTIALS_FILE: '/none' }
  const { fake, store } = await bench()
  const error = await failure(store.list(''))
  expect(error).toBeInstanceOf(UserError)
  expect(describeError(error)).toBe(
    `no AWS credentials to read ${place}: Could not load credentials from any providers\n  where: file ${place}\n` +
      '  hint: They are looked for in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), in the profile of ~/.aws that' +
      ' AWS_PROFILE names (after `aws sso login` or `aws configure`), in a web identity token, and in the role of the container or machine.',
  )
  expect(fake.requests()).toEqual([])
})

function openAt(endpoint: string): ObjectStore {
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'eu-central-1' }
  return openStore('s3://acme-billing/cur', { baseDirectory: '/', cacheDirectory: temporaryFolder(), env })
}

test('refuses an endpoint that is no address', () => {
  expect(() => openAt('s3.example.com')).toThrow(
    expect.objectContaining({
      name: 'UserError',
      message: 'AWS_ENDPOINT_URL is not the address of a server',
      hint: 'Write it as https://s3.example.com.',
    }),
  )
})

test('asks an endpoint of its own for the bucket in the path, not as a host name', async () => {
  const { fake } = await bench()
  await openAt(fake.endpoint.replace('127.0.0.1', 'localhost')).list('')
  expect(fake.requests()).toEqual(['LIST cur/'])
})

test('shows no password that is part of the endpoint', async () => {
  const { fake } = await bench()
  fake.fail({ status: 403, code: 'InvalidAccessKeyId' })
  const error = await failure(openAt(fake.endpoint.replace('http://', 'http://focal:hidden@')).list(''))
  expect(error.message).toBe(`${fake.endpoint} does not accept the AWS credentials in use (InvalidAccessKeyId)`)
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('hidden')
})
