import { startFakeBlobs } from '../stores/fake-azure-blob.ts'
import { startFakeGcs } from '../stores/fake-gcs.ts'
import { startFakeS3 } from '../stores/fake-s3.ts'

/** A store that holds bills under `location`, and fails on demand, in words that all three kinds share. */
export interface BillStore {
  readonly location: string
  readonly endpoint: string
  /** What a run finds it by. */
  readonly env: Readonly<Record<string, string>>
  put(key: string, bytes: Buffer): void
  fail(trouble: Trouble): void
  close(): Promise<void>
}

/** Of the next request of its kind. */
export type Trouble = { readonly on: 'LIST' | 'HEAD' | 'GET' } & (
  | { readonly status: number; readonly code: string; readonly headers?: Record<string, string> }
  /** The connection is reset before any answer. */
  | { readonly reset: 'at once' }
  /** No answer ever comes. */
  | { readonly silent: true }
  /** So many bytes of the body come; then the connection is reset, or the answer just ends. */
  | { readonly after: number; readonly ending: 'reset' | 'end' }
  | { readonly wrongBytes: true }
  | TroubleOfS3
)

/** What only that fake plays. */
type TroubleOfS3 =
  | { readonly after: number; readonly ending: 'stall' }
  | { readonly pieces: number; readonly pauseMs: number }
  | { readonly ignoreRange: true }

export type StoreName = 'S3' | 'Cloud Storage' | 'Blob Storage'

export const billStores: Readonly<Record<StoreName, () => Promise<BillStore>>> = {
  async S3() {
    const fake = await startFakeS3()
    return {
      location: `s3://${fake.bucket}/cur`,
      endpoint: fake.endpoint,
      env: {
        AWS_ENDPOINT_URL_S3: fake.endpoint,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'AKIAFOCALFOCALFOCAL1',
        AWS_SECRET_ACCESS_KEY: 'secret-of-the-focal-tests',
      },
      put: (key, bytes) => fake.put(`cur/${key}`, bytes),
      fail: (trouble) => fake.fail(trouble),
      close: () => fake.close(),
    }
  },
  async 'Cloud Storage'() {
    const fake = await startFakeGcs()
    return {
      location: `gs://${fake.bucket}/cur`,
      endpoint: fake.endpoint,
      env: { STORAGE_EMULATOR_HOST: fake.endpoint },
      put: (key, bytes) => fake.put(`cur/${key}`, bytes),
      fail(trouble) {
        const { on } = trouble
        if (isOfS3(trouble)) throw new Error('this fake plays no such trouble')
        fake.fail('code' in trouble ? { ...trouble, on, reason: trouble.code } : trouble)
      },
      close: () => fake.close(),
    }
  },
  async 'Blob Storage'() {
    const fake = await startFakeBlobs()
    return {
      location: `az://${fake.account}/${fake.container}/cur`,
      endpoint: fake.endpoint,
      env: { AZURE_STORAGE_CONNECTION_STRING: fake.connectionString },
      put: (key, bytes) => fake.put(`cur/${key}`, bytes),
      fail(trouble) {
        if (isOfS3(trouble)) throw new Error('this fake plays no such trouble')
        fake.fail(trouble)
      },
      close: () => fake.close(),
    }
  },
}

function isOfS3(trouble: Trouble): trouble is Trouble & TroubleOfS3 {
  return 'pieces' in trouble || 'ignoreRange' in trouble || ('ending' in trouble && trouble.ending === 'stall')
}
