import type { StoreTuning } from '../../src/core/stores/tuning.ts'
import type { StoreName, Trouble } from './bill-store.ts'

/** Everything that is done to the store of a source while a run reads it, and what comes of it. */
export interface Fault {
  readonly store: StoreName
  /** Months are looked for (listings, manifests), or a month's data is brought. */
  readonly at: 'looking' | 'bringing'
  readonly what: string
  readonly troubles?: readonly Trouble[]
  /** Where the source is thought to be, in place of its store. */
  readonly endpoint?: string
  /** The data file is another than it was when it was listed, or lies there without its end. */
  readonly data?: 'replaced' | 'cut short'
  readonly tuning?: Partial<StoreTuning>
  /** What was waited for before the run went on, in milliseconds. */
  readonly waits?: readonly number[]
  /**
   * What the run says, if it does not get over it: the source's own months fail then, and no others. `<bill>` is the
   * data file's address.
   */
  readonly says?: string
  readonly hint?: string
}

type On = Trouble['on']
type Told = Omit<Fault, 'store' | 'at'>

/** As often as focal tries. */
const always = <T>(trouble: T): T[] => Array.from({ length: 6 }, () => trouble)
const on = { looking: 'LIST', bringing: 'GET' } as const

const again = 'It was tried up to 6 times; try again later, and check the network if it goes on.'
const status = (at: On, code: number, name: string, headers: Record<string, string> = {}): Trouble => ({
  on: at,
  status: code,
  code: name,
  headers,
})

const fault = (store: StoreName, at: Fault['at'], told: Told): Fault => ({ store, at, ...told })

/** The words for what could not be read. */
const subject = { looking: '<location>', bringing: '<bill>' } as const
const unread = (at: Fault['at'], why: string) => ({
  says: `${subject[at]} could not be read from <endpoint>: ${why}`,
  hint: again,
})

const anywhere = (store: StoreName, at: Fault['at'], busy: (code: number) => string): Fault[] => [
  fault(store, at, { what: 'connection reset, once', troubles: [{ on: on[at], reset: 'at once' }] }),
  fault(store, at, {
    what: '429 with Retry-After: 7',
    troubles: [status(on[at], 429, busy(429), { 'retry-after': '7' })],
    waits: [7000],
  }),
  fault(store, at, {
    what: '503 for minutes',
    troubles: always(status(on[at], 503, busy(503))),
    ...unread(at, `${busy(503)} (503)`),
  }),
  fault(store, at, {
    what: 'no answer, each time',
    troubles: always({ on: on[at], silent: true }),
    tuning: { idleMs: 300 },
    ...unread(at, 'no data for 0.3 s'),
  }),
]

const passing = (at: Fault['at']): Fault[] => [
  fault('S3', at, { what: '500, once', troubles: [status(on[at], 500, 'InternalError')], waits: [0] }),
  fault('S3', at, {
    what: '503 for three minutes, with Retry-After: 60',
    troubles: Array.from({ length: 3 }, () => status(on[at], 503, 'SlowDown', { 'retry-after': '60' })),
    waits: [60_000, 60_000, 60_000],
  }),
]

const inBodies = (store: StoreName): Fault[] => [
  fault(store, 'bringing', {
    what: 'connection reset mid-body, once',
    troubles: [{ on: 'GET', after: 100, ending: 'reset' }],
  }),
  fault(store, 'bringing', { what: 'truncated body, once', troubles: [{ on: 'GET', after: 100, ending: 'end' }] }),
  fault(store, 'bringing', { what: 'wrong bytes, once', troubles: [{ on: 'GET', wrongBytes: true }], waits: [] }),
]

const wordsOfS3 = (code: number) => ({ 429: 'TooManyRequests' })[code] ?? 'SlowDown'
const permission = (action: string, resource: string) =>
  `Allow ${action} on arn:aws:s3:::${resource} to the credentials in use`
const clock =
  "This machine's clock and the store's differ by more than the store allows (15 minutes at AWS): set the clock, for instance with NTP."

const looking = (told: Told) => fault('S3', 'looking', told)
const bringing = (told: Told) => fault('S3', 'bringing', told)

const s3: readonly Fault[] = [
  ...anywhere('S3', 'looking', wordsOfS3),
  ...passing('looking'),
  looking({
    what: 'connection refused',
    endpoint: 'http://127.0.0.1:1',
    ...unread('looking', 'connect ECONNREFUSED 127.0.0.1:1'),
  }),
  looking({
    what: 'DNS failure',
    endpoint: 'http://s3.focal.invalid',
    ...unread('looking', 'getaddrinfo ENOTFOUND s3.focal.invalid'),
  }),
  looking({
    what: '403',
    troubles: [status('LIST', 403, 'AccessDenied')],
    says: '<location> may not be listed',
    hint: `${permission('s3:ListBucket', 'acme-billing')}.`,
  }),
  looking({
    what: '404: no such bucket',
    troubles: [status('LIST', 404, 'NoSuchBucket')],
    says: 'there is no bucket "acme-billing" at <endpoint>',
    hint: 'Correct the location, or AWS_ENDPOINT_URL if the bucket is not at AWS.',
  }),
  looking({
    what: '429 with Retry-After: 3600',
    troubles: [status('LIST', 429, 'TooManyRequests', { 'retry-after': '3600' })],
    ...unread('looking', 'TooManyRequests (429)'),
  }),
  looking({ what: 'clock skew, once', troubles: [status('LIST', 403, 'RequestTimeTooSkewed')], waits: [0] }),
  looking({
    what: 'clock skew that stays',
    troubles: always(status('LIST', 403, 'RequestTimeTooSkewed')),
    ...unread('looking', 'RequestTimeTooSkewed (403)'),
    hint: clock,
  }),
  ...anywhere('S3', 'bringing', wordsOfS3),
  ...passing('bringing'),
  ...inBodies('S3'),
  bringing({
    what: 'connection reset mid-body, each time',
    troubles: always({ on: 'GET', after: 0, ending: 'reset' }),
    ...unread('bringing', 'aborted'),
  }),
  bringing({
    what: 'truncated body, each time',
    troubles: always({ on: 'GET', after: 0, ending: 'end' }),
    ...unread('bringing', 'the body ended <n> bytes early'),
  }),
  bringing({
    what: 'a drip that stops, once',
    troubles: [{ on: 'GET', after: 100, ending: 'stall' }],
    tuning: { idleMs: 3000 },
    waits: [0],
  }),
  bringing({ what: 'a slow drip that goes on', troubles: [{ on: 'GET', pieces: 8, pauseMs: 40 }], waits: [] }),
  bringing({
    what: '403',
    troubles: [status('GET', 403, 'AccessDenied')],
    says: '<bill> may not be read',
    hint: `${permission('s3:GetObject', 'acme-billing/cur/<key>')}, and kms:Decrypt on its key if it is encrypted with one.`,
  }),
  bringing({
    what: '404: removed since it was listed',
    troubles: [status('GET', 404, 'NoSuchKey')],
    says: '<bill> was removed after it was listed; the next run reads what is there then',
  }),
  bringing({
    what: 'wrong bytes, twice',
    troubles: [
      { on: 'GET', wrongBytes: true },
      { on: 'GET', wrongBytes: true },
    ],
    says: '<bill> arrived twice with other bytes than S3 has: expected MD5 <sum>, got MD5 <sum>',
    hint: 'Something between here and S3 alters the data (a proxy, a disk, memory), or the object is damaged.',
  }),
  bringing({
    what: 'wrong length: the whole object for a part',
    troubles: [{ on: 'GET', ignoreRange: true }],
    tuning: { partSize: 200, concurrency: 1 },
    says: '<bill>: asked for bytes 0-199, got the whole object',
    hint: 'The server, or a proxy in front of it, does not know ranged reads; focal needs them.',
  }),
  bringing({
    what: 'another object under the same name',
    data: 'replaced',
    says: '<bill> was replaced while it was being downloaded; the next run reads the new delivery',
  }),
  bringing({
    what: 'a file that was cut short where it lies',
    data: 'cut short',
    says: 'a row has 3 fields where the header has 19',
    hint: 'The file was edited or cut: download or export it again.',
  }),
]

const google: readonly Fault[] = [
  ...anywhere('Cloud Storage', 'looking', (code) => ({ 429: 'rateLimitExceeded' })[code] ?? 'backendError'),
  fault('Cloud Storage', 'looking', {
    what: '403',
    troubles: [status('LIST', 403, 'forbidden')],
    says: '<location> may not be listed',
    hint: 'Grant storage.objects.list on the bucket (as roles/storage.objectViewer does) to the credentials in use.',
  }),
  ...inBodies('Cloud Storage'),
  fault('Cloud Storage', 'bringing', {
    what: '404: removed since it was listed',
    troubles: [status('GET', 404, 'notFound')],
    says: '<bill> was removed after it was listed; the next run reads what is there then',
  }),
]

const azure: readonly Fault[] = [
  ...anywhere('Blob Storage', 'looking', () => 'ServerBusy'),
  fault('Blob Storage', 'looking', {
    what: '403',
    troubles: [status('LIST', 403, 'AuthorizationPermissionMismatch')],
    says: '<location> may not be listed (AuthorizationPermissionMismatch)',
    hint: `Give the identity in use the role Storage Blob Data Reader on container "exports" of storage account "acmebilling", and see that the account's firewall lets this machine in.`,
  }),
  ...inBodies('Blob Storage'),
  fault('Blob Storage', 'bringing', {
    what: '404: removed since it was listed',
    troubles: [status('GET', 404, 'BlobNotFound')],
    says: '<bill> was removed after it was listed; the next run reads what is there then',
  }),
]

export const faults: readonly Fault[] = [...s3, ...google, ...azure]

/** The rows of the table in docs/faults.md: store, when, what happens, what the run does and says. */
export function documented({ store, at, what, says }: Fault): string[] {
  const when = at === 'looking' ? 'looking for months' : 'bringing data'
  return [store, when, what, says === undefined ? 'gets over it' : `fails its own months: ${says}`]
}
