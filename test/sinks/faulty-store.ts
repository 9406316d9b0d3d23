import type { FakeBlobs } from '../stores/fake-azure-blob.ts'
import type { FakeGcs } from '../stores/fake-gcs.ts'
import type { FakeS3 } from '../stores/fake-s3.ts'
import type { SeenWrite, WriteFault, WriteVerb } from '../stores/fake-writes.ts'
import type { LakeServer } from './lake-server.ts'
import { fakeBlobLakes, fakeGcsLakes, fakeS3Lakes, type Unconditional } from './fake-lakes.ts'

export type Verb = 'GET' | 'HEAD' | 'LIST' | WriteVerb

export type Trouble =
  | WriteFault
  | { readonly status: number; readonly code: string; readonly headers?: Record<string, string> }
  | { readonly reset: 'at once' }
  | { readonly after: number; readonly ending: 'reset' | 'end' }
  | { readonly wrongBytes: true }

/** One of the fakes, with its troubles in words that all three share. */
export interface FaultyStore {
  readonly lakes: LakeServer
  readonly endpoint: string
  readonly writes: readonly SeenWrite[]
  /** The next request of this kind has this trouble. */
  fail(on: Verb, trouble: Trouble): void
  /** The next request of this kind waits for `release` before it is carried out. */
  hold(on: Verb): { arrived: Promise<void>; release: () => void }
  /** What was begun of a lake and neither completed nor ended, where the store keeps that. */
  unfinished(address: string): string[]
  /** Everything that lies in the store. */
  contents(): string
}

export interface StoreKind {
  readonly name: string
  readonly scheme: 's3' | 'gs' | 'az'
  /** The requests of a run that changes a partition, in the words of the fakes. */
  readonly verbs: readonly Verb[]
  readonly start: (options?: Unconditional) => Promise<FaultyStore>
}

const reads = ['GET', 'HEAD', 'LIST'] as const

function contents(fake: Pick<FakeS3 | FakeBlobs | FakeGcs, 'keys' | 'get'>): string {
  return fake
    .keys()
    .flatMap((key) => [key, fake.get(key)?.toString('latin1')])
    .join('\n')
}

export const storeKinds: readonly StoreKind[] = [
  {
    name: 'S3',
    scheme: 's3',
    verbs: [...reads, 'PUT', 'BEGIN', 'PART', 'COMMIT', 'COPY', 'DELETE'],
    async start(options) {
      const { fake, lakes } = await fakeS3Lakes(options)
      const fail: FaultyStore['fail'] = (on, trouble) => fake.fail({ on, ...trouble })
      const unfinished = (address: string) =>
        fake.unfinished().filter((key) => `s3://${fake.bucket}/${key}`.startsWith(`${address}/`))
      return { ...fake, lakes, fail, unfinished, contents: () => contents(fake) }
    },
  },
  {
    name: 'Cloud Storage',
    scheme: 'gs',
    verbs: [...reads, 'PUT', 'BEGIN', 'PART', 'COMMIT', 'COPY', 'DELETE'],
    async start(options) {
      const { fake, lakes } = await fakeGcsLakes(options)
      const fail: FaultyStore['fail'] = (on, trouble) =>
        fake.fail('code' in trouble ? { on, ...trouble, reason: trouble.code } : { on, ...trouble })
      return { ...fake, lakes, fail, unfinished: () => [], contents: () => contents(fake) }
    },
  },
  {
    name: 'Blob Storage',
    scheme: 'az',
    verbs: [...reads, 'PUT', 'PART', 'COMMIT', 'COPY', 'DELETE'],
    async start(options) {
      const { fake, lakes } = await fakeBlobLakes(options)
      const fail: FaultyStore['fail'] = (on, trouble) => fake.fail({ on, ...trouble })
      return { ...fake, lakes, fail, unfinished: () => [], contents: () => contents(fake) }
    },
  },
]
