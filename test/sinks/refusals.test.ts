import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeError, UserError } from '../../src/core/errors.ts'
import { openSink } from '../../src/sinks/open.ts'
import { historyPath, type Sink } from '../../src/sinks/sink.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { failure, partition, place, publish } from './conformance.ts'
import { storeKinds, type FaultyStore, type StoreKind, type Verb } from './faulty-store.ts'
import type { LakePlace } from './lake-server.ts'

/** What is told when a store does not let a lake be written, and what it is told to do with what is written. */

const now = new Date('2026-11-20T06:00:00Z')
const nothing = async () => undefined
const lease = '_focal/lock.json'

const kind = (scheme: StoreKind['scheme']): StoreKind => {
  const found = storeKinds.find((one) => one.scheme === scheme)
  if (found === undefined) throw new Error(`no store ${scheme}`)
  return found
}

/** What asks for each kind of request, and the object that it is about. */
const asks: readonly { verb: Verb; object: string; work: (lake: Sink) => Promise<unknown> }[] = [
  { verb: 'LIST', object: '_focal/units', work: (lake) => lake.listNames('_focal/units') },
  { verb: 'GET', object: lease, work: (lake) => lake.hold('run-1', now, nothing) },
  { verb: 'PUT', object: lease, work: (lake) => lake.hold('run-1', now, nothing) },
  { verb: 'PART', object: place, work: (lake) => publish(lake, 'late'.repeat(60)) },
  { verb: 'COMMIT', object: place, work: (lake) => publish(lake, 'late') },
  { verb: 'COPY', object: historyPath(partition, 3), work: (lake) => lake.keepVersion(partition, 3) },
  { verb: 'DELETE', object: historyPath(partition, 1), work: (lake) => lake.trimHistory(partition, 1) },
]

/** The message and the hint for each request that is refused. */
const told: Record<StoreKind['scheme'], (verb: Verb, object: string, at: LakePlace) => readonly [string, string]> = {
  s3(verb, object, { address }) {
    const arn = `${address.replace('s3://', 'arn:aws:s3:::')}/${object}`
    const write = [
      'written',
      `s3:PutObject on ${arn}`,
      ', and kms:GenerateDataKey and kms:Decrypt on its key if it is encrypted with one',
    ] as const
    const words: Partial<Record<Verb, readonly [string, string, string]>> = {
      LIST: ['listed', 's3:ListBucket on arn:aws:s3:::acme-lakes', ''],
      GET: ['read', `s3:GetObject on ${arn}`, ', and kms:Decrypt on its key if it is encrypted with one'],
      DELETE: ['deleted', `s3:DeleteObject on ${arn}`, ''],
    }
    const [been, permission, key] = words[verb] ?? write
    return [`may not be ${been}`, `Allow ${permission} to the credentials in use${key}.`]
  },
  gs(verb) {
    const write = ['written', 'storage.objects.create and storage.objects.delete', 'roles/storage.objectUser'] as const
    const words: Partial<Record<Verb, readonly [string, string, string]>> = {
      LIST: ['listed', 'storage.objects.list', 'roles/storage.objectViewer'],
      GET: ['read', 'storage.objects.get', 'roles/storage.objectViewer'],
      DELETE: ['deleted', 'storage.objects.delete', 'roles/storage.objectUser'],
    }
    const [been, permission, role] = words[verb] ?? write
    return [`may not be ${been}`, `Grant ${permission} on the bucket (as ${role} does) to the credentials in use.`]
  },
  az(verb) {
    const words: Partial<Record<Verb, readonly [string, string]>> = {
      LIST: ['listed', 'Reader'],
      GET: ['read', 'Reader'],
      DELETE: ['deleted', 'Contributor'],
    }
    const [been, role] = words[verb] ?? ['written', 'Contributor']
    const hint = `Give the identity in use the role Storage Blob Data ${role} on container "lakes" of storage account "acmelakes", and see that the account's firewall lets this machine in.`
    return [`may not be ${been} (AccessDenied)`, hint]
  },
}

describe.each(storeKinds)('$name says what is not allowed', ({ scheme, start }) => {
  let store: FaultyStore
  let at: LakePlace
  beforeAll(async () => {
    store = await start()
    at = await store.lakes.create()
    await (await at.open()).hold('run-0', now, nothing)
    await publish(await at.open(), 'before')
    for (const version of [1, 2]) await at.put(historyPath(partition, version), '')
  })
  afterAll(async () => store.lakes.close())

  test.each(asks)('to $verb', async ({ verb, object, work }) => {
    store.fail(verb, { status: 403, code: 'AccessDenied' })
    const error = await failure(work(await at.open()))
    const [what, hint] = told[scheme](verb, object, at)
    expect(error).toBeInstanceOf(UserError)
    expect(describeError(error)).toBe(
      `${at.address}/${object} ${what}\n  where: file ${at.address}/${object}\n  hint: ${hint}`,
    )
  })
})

test.each([
  [
    's3',
    's3://no-such-bucket/lake',
    'bucket "no-such-bucket"',
    'Correct the location, or AWS_ENDPOINT_URL if the bucket is not at AWS.',
  ],
  ['gs', 'gs://no-such-bucket/lake', 'bucket "no-such-bucket"', 'Correct the location.'],
  [
    'az',
    'az://acmelakes/no-such-container/lake',
    'container "no-such-container"',
    'Correct the location, or AZURE_STORAGE_BLOB_ENDPOINT if the account is not in the public cloud.',
  ],
] as const)('%s says that there is no such bucket', async (scheme, address, what, hint) => {
  const store = await kind(scheme).start()
  const lake = await openSink(address, { workDirectory: temporaryFolder(), env: store.lakes.env })
  expect(describeError(await failure(lake.hold('run-1', now, nothing)))).toBe(
    `there is no ${what} at ${store.endpoint}\n  where: file ${address}/${lease}\n  hint: ${hint}`,
  )
  expect((await failure(lake.listNames('_focal/units')))?.message).toBe(`there is no ${what} at ${store.endpoint}`)
  await store.lakes.close()
})

/** A run's writes with these options, as `VERB name=value …` of what was told beside the bytes. */
async function writesWith(
  scheme: StoreKind['scheme'],
  options: object,
  names: RegExp,
): Promise<Record<string, string>> {
  const store = await kind(scheme).start()
  const at = await store.lakes.create()
  const lake = await at.open({}, { ...options })
  await lake.hold('run-1', now, async () => {
    await publish(lake, 'one')
    await lake.keepVersion(partition, 1)
  })
  await store.lakes.close()
  const toldOf = ({ headers, query }: FaultyStore['writes'][number]) =>
    Object.entries({ ...headers, ...query })
      .flatMap(([name, value]) => (names.test(name) ? [`${name}=${String(value)}`] : []))
      .toSorted()
      .join(' ')
  return Object.fromEntries(store.writes.map((write) => [write.verb, toldOf(write)]))
}

describe('lakeOptions are told to the store, with everything that makes an object', () => {
  test('S3: encryption and key; storage class, but for records', async () => {
    const encrypted =
      'x-amz-server-side-encryption-aws-kms-key-id=alias/lake x-amz-server-side-encryption-bucket-key-enabled=true x-amz-server-side-encryption=aws:kms'
    const made = `${encrypted} x-amz-storage-class=STANDARD_IA`
    const writes = await writesWith(
      's3',
      { kmsKey: 'alias/lake', storageClass: 'STANDARD_IA' },
      /server-side|storage-class/,
    )
    expect(writes).toEqual({ PUT: encrypted, BEGIN: made, PART: '', COMMIT: '', COPY: made, UPLOADS: '' })
  })

  test('Cloud Storage: key', async () => {
    const key = 'projects/acme/locations/eu/keyRings/lake/cryptoKeys/lake'
    expect(await writesWith('gs', { kmsKey: key }, /kmsKey/i)).toEqual({
      PUT: `kmsKeyName=${key}`,
      BEGIN: `kmsKeyName=${key}`,
      COMMIT: '',
      COPY: `destinationKmsKeyName=${key}`,
    })
  })

  test('Blob Storage: encryption scope; tier, but for records', async () => {
    const made = 'x-ms-access-tier=Cool x-ms-encryption-scope=lake'
    const writes = await writesWith(
      'az',
      { encryptionScope: 'lake', accessTier: 'Cool' },
      /access-tier|encryption-scope/,
    )
    expect(writes).toEqual({
      PUT: 'x-ms-encryption-scope=lake',
      PART: 'x-ms-encryption-scope=lake',
      COMMIT: made,
      COPY: 'x-ms-access-tier=Cool',
    })
  })
})

test('bytes that were altered on their way are sent again, or nothing is made of them', async () => {
  for (const { scheme, start } of storeKinds) {
    const store = await start()
    const at = await store.lakes.create()
    const lake = await at.open()
    store.fail(scheme === 'gs' ? 'COMMIT' : 'PART', { damaged: true })
    const error = await failure(publish(lake, 'one'))
    const message = scheme === 'gs' ? `${at.address}/${place} arrived with other bytes than were sent` : undefined
    expect(error?.message).toBe(message)
    await publish(lake, 'one')
    expect((await at.get(place))?.toString()).toBe('one')
    await store.lakes.close()
  }
})

test('S3: a file larger than one request may copy is copied in parts', async () => {
  const store = await kind('s3').start()
  const at = await store.lakes.create()
  const lake = await at.open({ largestCopy: 100 })
  const content = 'x'.repeat(99) + 'y'.repeat(100) + 'z'
  await publish(lake, content)
  await lake.keepVersion(partition, 1)
  expect((await at.get(historyPath(partition, 1)))?.toString()).toBe(content)
  const copies = store.writes.filter(({ verb }) => verb === 'COPY')
  expect(copies.map(({ headers }) => headers['x-amz-copy-source-range'])).toEqual(['bytes=0-99', 'bytes=100-199'])
  await store.lakes.close()
})
