import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { BlobServiceClient } from '@azure/storage-blob'
import { Storage } from '@google-cloud/storage'
import { localSink } from '../../src/sinks/local.ts'
import { openSink } from '../../src/sinks/open.ts'
import type { LakeTuning } from '../../src/sinks/tuning.ts'
import { realAccount, startAzurite } from '../stores/azurite.ts'
import { startFakeBlobs, type FakeBlobs } from '../stores/fake-azure-blob.ts'
import { startFakeGcs, type FakeGcs } from '../stores/fake-gcs.ts'
import { startFakeS3, type FakeS3 } from '../stores/fake-s3.ts'
import { startGcsServer } from '../stores/gcs-server.ts'
import { realS3Credentials, startVersitygw } from '../stores/versitygw.ts'
import type { LakeServer } from './lake-server.ts'

/** The default chain of the client library reads the process environment, and nothing else here. */
process.env['AWS_ACCESS_KEY_ID'] = realS3Credentials.accessKeyId
process.env['AWS_SECRET_ACCESS_KEY'] = realS3Credentials.secretAccessKey

const bucket = 'acme-lakes'
const kibibyte = 1024

export function localLakes(): LakeServer {
  const root = mkdtempSync(path.join(tmpdir(), 'focal-lakes-'))
  return {
    env: {},
    async create() {
      const folder = path.join(root, randomUUID())
      const lock = path.join(folder, '_focal/lock.json')
      return {
        address: folder,
        severalParts: 1000,
        open: async () => localSink(folder),
        async openAfterSilence() {
          const hourAgo = new Date(Date.now() - 60 * 60_000)
          if (existsSync(lock)) utimesSync(lock, hourAgo, hourAgo)
          return localSink(folder)
        },
        async get(name) {
          const file = path.join(folder, name)
          return existsSync(file) ? readFileSync(file) : undefined
        },
        async put(name, bytes) {
          mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
          writeFileSync(path.join(folder, name), bytes)
        },
        async paths() {
          if (!existsSync(folder)) return []
          const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
          const files = entries.filter((entry) => entry.isFile())
          return visible(files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))))
        },
      }
    },
    close: async () => rmSync(root, { recursive: true, force: true }),
  }
}

/** The lease is the one file that a bucket keeps for itself. */
const visible = (paths: readonly string[]) => paths.filter((name) => name !== '_focal/lock.json').toSorted()

/** Objects by full key, however they are reached. */
interface Objects {
  get(key: string): Promise<Buffer | undefined>
  put(key: string, bytes: Buffer): Promise<void>
  keys(prefix: string): Promise<string[]>
}

interface BucketServer {
  readonly env: Readonly<Record<string, string>>
  /** Of every lake there: `s3://acme-lakes`. */
  readonly root: string
  readonly uploadPartSize: number
  readonly objects: Objects
  readonly close: () => Promise<void>
}

function bucketLakes({ env, root, uploadPartSize, objects, close }: BucketServer): LakeServer {
  const work = mkdtempSync(path.join(tmpdir(), 'focal-lakes-'))
  return {
    env,
    async create() {
      const prefix = `prod+1/für-alle/${randomUUID()}`
      const address = `${root}/${prefix}`
      const open = (tuning: Partial<LakeTuning> = {}, options: Readonly<Record<string, unknown>> = {}) =>
        openSink(address, {
          workDirectory: path.join(work, randomUUID()),
          env,
          options,
          tuning: { uploadPartSize, partSize: 100 * kibibyte, pageSize: 2, sleep: async () => undefined, ...tuning },
        })
      return {
        address,
        severalParts: Math.ceil(uploadPartSize * 2.5),
        open,
        openAfterSilence: () => open({ leaseMs: -1 }),
        get: (name) => objects.get(`${prefix}/${name}`),
        put: (name, bytes) => objects.put(`${prefix}/${name}`, Buffer.from(bytes)),
        async paths() {
          const keys = await objects.keys(`${prefix}/`)
          return visible(keys.map((key) => key.slice(prefix.length + 1)))
        },
      }
    },
    async close() {
      await close()
      rmSync(work, { recursive: true, force: true })
    },
  }
}

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

export async function realS3Lakes(binary: string): Promise<LakeServer> {
  const server = await startVersitygw(binary)
  const { endpoint } = server
  const close = () => server.close()
  const place = { endpoint, forcePathStyle: true, region: 'us-east-1', credentials: realS3Credentials }
  const client = new S3Client(place)
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  const objects: Objects = {
    async get(Key) {
      const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key })).catch(() => undefined)
      return found?.Body === undefined ? undefined : Buffer.from(await found.Body.transformToByteArray())
    },
    async put(Key, Body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
    },
    async keys(Prefix) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }))
      return Contents.flatMap(({ Key = '' }) => (Key.endsWith('/') ? [] : [Key]))
    },
  }
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: realS3Credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: realS3Credentials.secretAccessKey,
  }
  // The smallest that S3 takes of a part that is not the last.
  return bucketLakes({ env, root: `s3://${bucket}`, uploadPartSize: 5 * kibibyte * kibibyte, objects, close })
}

export async function realBlobLakes(program: string): Promise<LakeServer> {
  const server = await startAzurite(program)
  const { connectionString } = server
  const close = () => server.close()
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('lakes')
  await container.create()
  const objects: Objects = {
    get: (key) =>
      container
        .getBlobClient(key)
        .downloadToBuffer()
        .catch(() => undefined),
    async put(key, bytes) {
      await container.getBlockBlobClient(key).upload(bytes, bytes.length)
    },
    async keys(prefix) {
      const names: string[] = []
      for await (const { name } of container.listBlobsFlat({ prefix })) names.push(name)
      return names
    },
  }
  const env = { AZURE_STORAGE_CONNECTION_STRING: connectionString }
  return bucketLakes({ env, root: `az://${realAccount}/lakes`, uploadPartSize: 100 * kibibyte, objects, close })
}

export async function realGcsLakes(binary: string): Promise<LakeServer> {
  const server = await startGcsServer(binary)
  const { endpoint } = server
  const close = () => server.close()
  await server.create(bucket)
  const storage = new Storage({ apiEndpoint: endpoint, useAuthWithCustomEndpoint: false, projectId: 'none' })
  const objects: Objects = {
    async get(key) {
      const found = await storage
        .bucket(bucket)
        .file(key)
        .download()
        .catch(() => undefined)
      return found?.[0]
    },
    async put(key, bytes) {
      await storage.bucket(bucket).file(key).save(bytes, { resumable: false })
    },
    async keys(prefix) {
      const [files] = await storage.bucket(bucket).getFiles({ prefix })
      return files.map(({ name }) => name)
    },
  }
  const env = { STORAGE_EMULATOR_HOST: endpoint }
  return bucketLakes({ env, root: `gs://${bucket}`, uploadPartSize: 256 * kibibyte, objects, close })
}
