import { startFakeBlobs, type FakeBlobs } from '../stores/fake-azure-blob.ts'
import { startFakeGcs, type FakeGcs } from '../stores/fake-gcs.ts'
import { startFakeS3, type FakeS3 } from '../stores/fake-s3.ts'
import { realS3Credentials } from '../stores/versitygw.ts'
import { bucketLakes, type Objects } from './bucket-lakes.ts'
import type { LakeServer } from './lake-server.ts'

/** The default chain of the client library reads the process environment, and nothing else here. */
process.env['AWS_ACCESS_KEY_ID'] = realS3Credentials.accessKeyId
process.env['AWS_SECRET_ACCESS_KEY'] = realS3Credentials.secretAccessKey

const bucket = 'acme-lakes'

function objectsOf(fake: Pick<FakeS3, 'get' | 'keys'> & { put(key: string, bytes: Buffer): void }): Objects {
  return {
    get: async (key) => fake.get(key),
    put: async (key, bytes) => fake.put(key, bytes),
    keys: async (prefix) => fake.keys().filter((key) => key.startsWith(prefix)),
  }
}

export interface Unconditional {
  readonly unconditional?: boolean
}

export async function fakeS3Lakes(options?: Unconditional): Promise<{ lakes: LakeServer; fake: FakeS3 }> {
  const fake = await startFakeS3(bucket, options)
  const env = { AWS_ENDPOINT_URL: fake.endpoint, AWS_REGION: 'us-east-1' }
  const server = {
    env,
    root: `s3://${bucket}`,
    uploadPartSize: 100,
    objects: objectsOf(fake),
    close: () => fake.close(),
  }
  return { fake, lakes: bucketLakes(server) }
}

export async function fakeBlobLakes(options?: Unconditional): Promise<{ lakes: LakeServer; fake: FakeBlobs }> {
  const fake = await startFakeBlobs('acmelakes', 'lakes', options)
  const env = { AZURE_STORAGE_CONNECTION_STRING: fake.connectionString }
  const root = `az://${fake.account}/${fake.container}`
  const server = { env, root, uploadPartSize: 100, objects: objectsOf(fake), close: () => fake.close() }
  return { fake, lakes: bucketLakes(server) }
}

export async function fakeGcsLakes(options?: Unconditional): Promise<{ lakes: LakeServer; fake: FakeGcs }> {
  const fake = await startFakeGcs(bucket, options)
  const env = { STORAGE_EMULATOR_HOST: fake.endpoint }
  const server = {
    env,
    root: `gs://${bucket}`,
    uploadPartSize: 100,
    objects: objectsOf(fake),
    close: () => fake.close(),
  }
  return { fake, lakes: bucketLakes(server) }
}
