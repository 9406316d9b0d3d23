import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { inspect } from 'node:util'
import { CredentialUnavailableError } from '@azure/identity'
import { expect, onTestFinished, test } from 'vitest'
import { explainBlobError } from '../../src/core/stores/azure-blob-errors.ts'
import { openStore } from '../../src/connectors/stores/open.ts'
import type { StoreTuning } from '../../src/core/stores/tuning.ts'
import { DataError, describeError, RetryableError, UserError } from '../../src/core/errors.ts'
import { accountKey, startFakeBlobs, type Attributes } from './fake-azure-blob.ts'
import { failure, filesIn, find, policy } from './s3-bench.ts'
import { temporaryFolder } from './temporary-folder.ts'

const place = 'az://acmebilling/exports/daily'
const blob = `${place}/a.csv.gz`

/** A fake account with small parts, and a store on `place` that never really waits. */
async function bench(tuning: Partial<StoreTuning> = {}) {
  const fake = await startFakeBlobs()
  onTestFinished(() => fake.close())
  const cache = temporaryFolder()
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  const reopen = (signal?: AbortSignal) =>
    openStore(place, {
      baseDirectory: '/nowhere',
      cacheDirectory: cache,
      env: { AZURE_STORAGE_CONNECTION_STRING: fake.connectionString },
      signal,
      tuning: { partSize: 1000, retry: policy, sleep, random: () => 0.5, ...tuning },
    })
  return { fake, store: reopen(), cache, waits, reopen }
}

/** A bench whose container holds `a.csv.gz` with random bytes, listed already. */
async function holding(size: number, tuning: Partial<StoreTuning> = {}, attributes: Attributes = {}) {
  const bytes = randomBytes(size)
  const made = await bench(tuning)
  made.fake.put('daily/a.csv.gz', bytes, attributes)
  const object = await find(made.store, 'a.csv.gz')
  made.fake.requests()
  return { ...made, bytes, object }
}

test('downloads a large blob in parts, and never again', async () => {
  const { fake, store, reopen, object, bytes } = await holding(2500)
  const file = await store.fetch(object)
  expect(await readFile(file)).toEqual(bytes)
  expect(path.basename(file)).toMatch(/^[0-9a-f]{32}-a\.csv\.gz$/)
  expect(fake.requests().toSorted()).toEqual([
    'GET daily/a.csv.gz bytes=0-999',
    'GET daily/a.csv.gz bytes=1000-1999',
    'GET daily/a.csv.gz bytes=2000-2499',
    'HEAD daily/a.csv.gz',
  ])
  expect(await reopen().fetch(object)).toBe(file)
  expect(fake.requests()).toEqual([])
})

test.each(['reset', 'end'] as const)('resumes a body that breaks (%s) at the byte it reached', async (ending) => {
  const { fake, store, object, bytes, waits } = await holding(900)
  fake.fail({ on: 'GET', after: 300, ending }, { on: 'GET', after: 450, ending })
  let told = 0
  const file = await store.fetch(object, (count) => {
    told += count
  })
  expect(await readFile(file)).toEqual(bytes)
  expect(fake.requests()).toEqual([
    'HEAD daily/a.csv.gz',
    'GET daily/a.csv.gz bytes=0-899',
    'GET daily/a.csv.gz bytes=300-899',
    'GET daily/a.csv.gz bytes=750-899',
  ])
  expect(told).toBe(900)
  expect(waits).toEqual([50, 100])
})

test('gives up a body that stalls and goes on from there', async () => {
  const { fake, store, object, bytes } = await holding(900, { idleMs: 200 })
  fake.fail({ on: 'GET', after: 300, ending: 'stall' })
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  expect(fake.requests().at(-1)).toBe('GET daily/a.csv.gz bytes=300-899')
})

test('downloads again what does not have the MD5 that Azure keeps, and refuses it the second time', async () => {
  const { fake, store, object, bytes, cache } = await holding(500)
  fake.fail({ on: 'GET', wrongBytes: true }, { on: 'GET', wrongBytes: true })
  const error = await failure(store.fetch(object))
  const [expected, got] = [bytes, bytes.map((byte) => byte ^ 0xff)].map((content) =>
    createHash('md5').update(content).digest('base64'),
  )
  expect(error).toBeInstanceOf(DataError)
  expect(error.message).toBe(
    `${blob} arrived twice with other bytes than Azure has: expected MD5 ${expected}, got ${got}`,
  )
  expect(await filesIn(cache)).toEqual([])

  fake.fail({ on: 'GET', wrongBytes: true })
  let told = 0
  const file = await store.fetch(object, (count) => {
    told += count
  })
  expect(await readFile(file)).toEqual(bytes)
  expect(told).toBe(500)
})

test('takes a blob without an MD5 by its ETag', async () => {
  const { fake, store, object, bytes } = await holding(500, {}, { md5: null })
  expect(object.version).toBe('0x8D1:500')
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  fake.put('daily/a.csv.gz', bytes, { md5: null })
  expect((await store.stat('a.csv.gz'))?.version).toBe('0x8D2:500')
})

test('does not mix two deliveries when a blob is replaced while it is read', async () => {
  const { fake, store, object, cache } = await holding(2000, { concurrency: 1 })
  fake.fail({ on: 'GET', after: 400, ending: 'reset' }, { on: 'GET', replaceWith: 'another delivery' })
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe(`${blob} was replaced while it was being downloaded; the next run reads the new delivery`)
  expect(fake.requests()).toEqual([
    'HEAD daily/a.csv.gz',
    'GET daily/a.csv.gz bytes=0-999',
    'GET daily/a.csv.gz bytes=400-999',
  ])
  expect(await filesIn(cache)).toEqual([])
})

test('refuses an answer that is not the range asked for', async () => {
  const { fake, store, object } = await holding(2000)
  fake.fail({ on: 'GET', ignoreRange: true }, { on: 'GET', ignoreRange: true })
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(DataError)
  expect(error.message).toMatch(/^daily\/a\.csv\.gz: asked for bytes (0-999|1000-1999), got the whole blob$/)
})

test('takes the empty blobs that stand for folders for nothing', async () => {
  const { fake, store } = await bench()
  fake.put('daily/run', '', { metadata: { hdi_isfolder: 'true' } })
  fake.put('daily/run/', '')
  fake.put('daily/run/a.csv', 'bill')
  fake.put('daily/empty.csv', '')
  expect(await store.stat('run')).toBeUndefined()
  const { folders, objects } = await store.list('')
  expect(folders).toEqual(['run/'])
  expect(objects.map(({ key }) => key)).toEqual(['empty.csv'])
  expect((await store.list('run/')).objects.map(({ key }) => key)).toEqual(['run/a.csv'])
})

test('waits out an account that is busy or broken, in listings, looks and bodies', async () => {
  const { fake, store, waits } = await bench()
  fake.put('daily/a.csv.gz', 'bill')
  fake.fail(
    { on: 'LIST', status: 503, code: 'ServerBusy' },
    { on: 'LIST', status: 500, code: 'InternalError' },
    { on: 'LIST', reset: 'at once' },
    { on: 'HEAD', status: 500, code: 'OperationTimedOut' },
    { on: 'GET', status: 503, code: 'ServerBusy', headers: { 'retry-after': '7' } },
  )
  expect(await readFile(await store.fetch(await find(store, 'a.csv.gz')), 'utf8')).toBe('bill')
  expect(waits).toEqual([50, 100, 200, 50, 7050])
})

test('gives up on a busy account after the attempts of the policy', async () => {
  const { fake, store } = await bench()
  for (let count = 0; count < 4; count += 1) fake.fail({ status: 503, code: 'ServerBusy' })
  const error = await failure(store.list(''))
  expect(error).toBeInstanceOf(RetryableError)
  expect(describeError(error)).toBe(
    `${place} could not be read from ${fake.endpoint}: ServerBusy (503)\n  where: file ${place}\n` +
      '  hint: It was tried up to 4 times; try again later, and check the network if it goes on.',
  )
  expect(fake.requests()).toEqual(['LIST daily/', 'LIST daily/', 'LIST daily/', 'LIST daily/'])
})

test('names the endpoint that refuses connections', async () => {
  const { fake, store } = await bench()
  await fake.close()
  const error = await failure(store.list(''))
  expect(error).toBeInstanceOf(RetryableError)
  const address = new URL(fake.endpoint).host
  expect(error.message).toBe(`${place} could not be read from ${fake.endpoint}: connect ECONNREFUSED ${address}`)
})

const role =
  'Give the identity in use the role Storage Blob Data Reader on container "exports" of storage account "acmebilling",' +
  " and see that the account's firewall lets this machine in."
const signIn = 'Check AZURE_STORAGE_CONNECTION_STRING if it is set, else sign in again, for instance with `az login`.'
test.each([
  [
    'LIST',
    403,
    'AuthorizationPermissionMismatch',
    `${place} may not be listed (AuthorizationPermissionMismatch)`,
    role,
  ],
  ['GET', 403, 'AuthorizationFailure', `${blob} may not be read (AuthorizationFailure)`, role],
  ['HEAD', 403, 'AuthorizationPermissionMismatch', `${blob} may not be read (AuthorizationPermissionMismatch)`, role],
  [
    'LIST',
    403,
    'AuthenticationFailed',
    'ENDPOINT does not accept the Azure credentials in use (AuthenticationFailed)',
    signIn,
  ],
  [
    'HEAD',
    401,
    'InvalidAuthenticationInfo',
    'ENDPOINT does not accept the Azure credentials in use (InvalidAuthenticationInfo)',
    signIn,
  ],
  [
    'GET',
    409,
    'BlobArchived',
    `${blob} is archived and cannot be read`,
    'Bring it back to an online tier first, or leave its billing period out.',
  ],
  [
    'HEAD',
    404,
    'ContainerNotFound',
    'there is no container "exports" at ENDPOINT',
    'Correct the location, or AZURE_STORAGE_BLOB_ENDPOINT if the account is not in the public cloud.',
  ],
  ['LIST', 400, 'InvalidResourceName', `${place} cannot be listed: InvalidResourceName (400)`, undefined],
] as const)('explains to %s a %i %s, once and without a secret', async (on, status, code, message, hint) => {
  const { fake, store, object, waits } = await holding(10)
  fake.fail({ on, status, code })
  const error = await failure(on === 'LIST' ? store.list('') : store.fetch(object))
  expect(error).toBeInstanceOf(UserError)
  expect(error).toMatchObject({ message: message.replace('ENDPOINT', fake.endpoint), hint })
  expect(waits).toEqual([])
  const all = inspect(error, { depth: Infinity, showHidden: true })
  for (const secret of [accountKey, 'SharedKey', 'x-ms-date']) expect(all).not.toContain(secret)
})

test('says how credentials are found when there are none', () => {
  const cause = new CredentialUnavailableError('nothing is configured')
  const attempt = { object: blob, account: 'acmebilling', container: 'exports', endpoint: 'https://x', attempts: 4 }
  expect(describeError(explainBlobError(cause, { ...attempt, action: 'read' }))).toBe(
    `no Azure credentials to read ${blob}\n  where: file ${blob}\n  hint: They are looked for in the environment` +
      ' (AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or certificate), in a workload or managed identity, and in `az login`.',
  )
})

function openWith(env: Record<string, string>, location = place) {
  return openStore(location, { baseDirectory: '/', cacheDirectory: temporaryFolder(), env })
}

test('shows no signature that is part of a connection string', async () => {
  const { fake } = await bench()
  const sas = 'sv=2026-01-01&sig=c2lnbmF0dXJl'
  const env = {
    AZURE_STORAGE_CONNECTION_STRING: `BlobEndpoint=${fake.endpoint};AccountName=acmebilling;SharedAccessSignature=${sas}`,
  }
  fake.fail({ status: 403, code: 'AuthenticationFailed' })
  const error = await failure(openWith(env).list(''))
  expect(error.message).toBe(`${fake.endpoint} does not accept the Azure credentials in use (AuthenticationFailed)`)
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('sig=')
})

test.each([
  ['az:///exports', {}, '"az:///exports" names no storage account', 'Write az://account/container/prefix.'],
  ['az://acmebilling/', {}, '"az://acmebilling/" names no container', 'Write az://account/container/prefix.'],
  [
    place,
    { AZURE_STORAGE_BLOB_ENDPOINT: 'http://127.0.0.1:10000/acmebilling' },
    'AZURE_STORAGE_BLOB_ENDPOINT is not an https address',
    'Write it as https://account.blob.core.example.com; for an emulator, set AZURE_STORAGE_CONNECTION_STRING.',
  ],
  [
    place,
    { AZURE_STORAGE_CONNECTION_STRING: 'BlobEndpoint=blobs' },
    'AZURE_STORAGE_CONNECTION_STRING is not the connection string of a storage account',
    'Copy it from the account, or unset it to sign in with the default credentials.',
  ],
])('refuses the location %j with %j', (location, env, message, hint) => {
  expect(() => openWith(env, location)).toThrow(expect.objectContaining({ name: 'UserError', message, hint }))
})

test('does not use a connection string for another account than its own', async () => {
  const { fake } = await bench()
  const env = { AZURE_STORAGE_CONNECTION_STRING: fake.connectionString, AZURE_STORAGE_BLOB_ENDPOINT: 'no address' }
  expect(() => openWith(env)).not.toThrow()
  expect(() => openWith(env, 'az://othername/exports')).toThrow('AZURE_STORAGE_BLOB_ENDPOINT is not an https address')
})

test('stops a download with the reason of the abort, and leaves nothing', async () => {
  const { fake, reopen, object, cache } = await holding(900)
  const controller = new AbortController()
  const reason = new Error('the user pressed Ctrl-C')
  fake.fail({ on: 'GET', after: 300, ending: 'stall' })
  await expect(reopen(controller.signal).fetch(object, () => controller.abort(reason))).rejects.toBe(reason)
  expect(await filesIn(cache)).toEqual([])
})
