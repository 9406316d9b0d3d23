import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { failure, partition, publish } from './conformance.ts'
import { storeKinds, type StoreKind, type Verb } from './faulty-store.ts'
import { historyPath } from '../../src/sinks/sink.ts'

/** docs/permissions.md allows what the code does, and nothing else. */

const root = path.join(import.meta.dirname, '../..')
const page = readFileSync(path.join(root, 'docs/permissions.md'), 'utf8')

/** The policies of the page by the heading above each; JSON.parse fails for one that is none. */
const policies = new Map(
  page.split(/^### /m).flatMap((section) => {
    const [, json] = /```json\n([\s\S]*?)```/.exec(section) ?? []
    return json === undefined ? [] : [[section.slice(0, section.indexOf('\n')), JSON.parse(json) as unknown] as const]
  }),
)

/** Everything in a policy that is the name of an action or permission. */
function actionsOf(heading: string): string[] {
  const text = JSON.stringify(policies.get(heading) ?? {})
  const names = text.matchAll(/"((?:s3|kms):[A-Z]\w+|(?:storage|bigquery)\.\w+\.\w+|Microsoft\.[\w./]+)"/g)
  return [...new Set([...names].map(([, name = '']) => name))].toSorted()
}

/** What the code itself names, in files below a folder of src. */
function namedIn(folders: readonly string[], pattern: RegExp): string[] {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, 'src', folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8')),
  )
  return [...new Set(files.flatMap((text) => [...text.matchAll(pattern)].map(([name]) => name)))].toSorted()
}

const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs'

/**
 * What each request takes: the service authorization reference of Amazon S3, the table of JSON methods of Cloud Storage's
 * "IAM permissions for JSON methods", and "Permissions for calling data operations" of Azure Storage.
 */
const takes: Record<StoreKind['scheme'], Readonly<Partial<Record<Verb, readonly string[]>>>> = {
  s3: {
    LIST: ['s3:ListBucket'],
    GET: ['s3:GetObject'],
    HEAD: ['s3:GetObject'],
    PUT: ['s3:PutObject'],
    BEGIN: ['s3:PutObject'],
    PART: ['s3:PutObject'],
    COMMIT: ['s3:PutObject'],
    COPY: ['s3:GetObject', 's3:PutObject'],
    DELETE: ['s3:DeleteObject'],
    ABORT: ['s3:AbortMultipartUpload'],
    UPLOADS: ['s3:ListBucketMultipartUploads'],
  },
  gs: {
    LIST: ['storage.objects.list'],
    GET: ['storage.objects.get'],
    HEAD: ['storage.objects.get'],
    PUT: ['storage.objects.create', 'storage.objects.delete'],
    BEGIN: ['storage.objects.create', 'storage.objects.delete'],
    PART: ['storage.objects.create'],
    COMMIT: ['storage.objects.create', 'storage.objects.delete'],
    COPY: ['storage.objects.get', 'storage.objects.create', 'storage.objects.delete'],
    DELETE: ['storage.objects.delete'],
    ABORT: ['storage.objects.create'],
  },
  az: {
    LIST: [`${blobs}/read`],
    GET: [`${blobs}/read`],
    HEAD: [`${blobs}/read`],
    PUT: [`${blobs}/write`],
    PART: [`${blobs}/write`],
    COMMIT: [`${blobs}/write`],
    COPY: [`${blobs}/read`, `${blobs}/write`],
    DELETE: [`${blobs}/delete`],
  },
}

const lakes = {
  s3: 'A lake in a bucket',
  gs: 'A lake in Cloud Storage',
  az: 'A lake in Blob Storage',
}
const bills = {
  s3: 'Bills in a bucket',
  gs: 'Extracted bills in Cloud Storage',
  az: 'Cost Management exports in Blob Storage',
}

const reads: readonly Verb[] = ['LIST', 'GET', 'HEAD']

function permissionsOf(scheme: StoreKind['scheme'], verbs: Iterable<Verb>): string[] {
  const needed = [...verbs].flatMap((verb) => {
    const actions = takes[scheme][verb]
    if (actions === undefined) throw new Error(`${verb} takes an unknown permission`)
    return actions
  })
  return [...new Set(needed)].toSorted()
}

describe.each(storeKinds)('on $name', ({ scheme, start }) => {
  test('a lake is allowed what all that is done to it takes', async () => {
    const store = await start()
    const at = await store.lakes.create()
    const lake = await at.open()
    await lake.hold('run-1', new Date('2026-11-20T06:00:00Z'), async () => {
      await publish(lake, 'x'.repeat(250))
      await lake.keepVersion(partition, 1)
      await at.put(historyPath(partition, 2), '')
      await lake.trimHistory(partition, 1)
      store.fail('COMMIT', { status: 403, code: 'AccessDenied' })
      await failure(publish(lake, 'refused, and cleaned up after'))
    })
    await store.lakes.close()
    const used = new Set<Verb>([...reads, ...store.writes.map(({ verb }) => verb)])
    expect(actionsOf(lakes[scheme])).toEqual(permissionsOf(scheme, used))
  })

  test('bills are allowed to be read alone', () => {
    expect(actionsOf(bills[scheme])).toEqual(permissionsOf(scheme, reads))
  })
})

test('errors name the permissions that the page grants', () => {
  expect(namedIn(['core', 'sinks'], /(?<=')s3:\w+(?=')/g)).toEqual(actionsOf(lakes.s3))
  expect(namedIn(['connectors'], /(?<=')s3:\w+(?=')/g)).toEqual(actionsOf(bills.s3))
  expect(namedIn(['core', 'sinks', 'connectors'], /kms:[A-Z]\w+/g)).toEqual(
    actionsOf('Buckets that a key of your own encrypts'),
  )
  expect(namedIn(['core'], /storage\.objects\.\w+/g)).toEqual(actionsOf(lakes.gs))
})

test('the sources with an API of their own are allowed what their requests take', () => {
  const named = namedIn(['connectors'], /(?<=')bigquery\.\w+\.\w+(?=')/g)
  // The rows of a query and of a read session are those of the table.
  expect([...named, 'bigquery.tables.getData'].toSorted()).toEqual(actionsOf('The billing export in BigQuery'))
  const asked = namedIn(['connectors'], /Microsoft\.Consumption\/\w+/g)
  expect(asked.map((name) => `${name}/read`)).toEqual(actionsOf('The Consumption API'))
})

test('no policy has a wildcard for an action, and each is compared above', () => {
  expect(page).not.toMatch(/"(s3|kms|storage|bigquery)[:.]\*|"\*"/)
  expect([...policies.keys()].toSorted()).toEqual(
    [
      ...Object.values(lakes),
      ...Object.values(bills),
      'Buckets that a key of your own encrypts',
      'The billing export in BigQuery',
      'The Consumption API',
    ].toSorted(),
  )
})
