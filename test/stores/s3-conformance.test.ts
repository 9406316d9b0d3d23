import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { openStore } from '../../src/connectors/stores/open.ts'
import { conformance, type StoreUnderTest } from './conformance.ts'
import { startFakeS3 } from './fake-s3.ts'
import { findVersitygw, realS3Credentials, startVersitygw } from './versitygw.ts'

/** The default chain of the client library reads the process environment, and nothing else here. */
process.env['AWS_ACCESS_KEY_ID'] = realS3Credentials.accessKeyId
process.env['AWS_SECRET_ACCESS_KEY'] = realS3Credentials.secretAccessKey

const partSize = 100
const tuning = { partSize, pageSize: 2 }

interface Server {
  readonly endpoint: string
  readonly bucket: string
  put(key: string, bytes: Buffer): Promise<void>
  remove(key: string): Promise<void>
  close(): Promise<void>
}

async function storesOn(server: Server): Promise<StoreUnderTest> {
  const caches = await mkdtemp(path.join(tmpdir(), 'focal-test-'))
  const { endpoint, bucket } = server
  const env = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' }
  return {
    partSize,
    async create() {
      const prefix = `exports/${randomUUID()}`
      const cacheDirectory = path.join(caches, randomUUID())
      const options = { baseDirectory: '/nowhere', cacheDirectory, env, tuning }
      const url = (key: string) => `s3://${bucket}/${prefix}/${key}`
      return {
        put: (key, bytes) => server.put(`${prefix}/${key}`, bytes),
        remove: (key) => server.remove(`${prefix}/${key}`),
        open: (signal) => openStore(`s3://${bucket}/${prefix}`, { ...options, signal }),
        missing: {
          store: openStore('s3://no-such-bucket/cur', options),
          message: `there is no bucket "no-such-bucket" at ${endpoint}`,
        },
        changed: (key) => `${url(key)} was replaced while it was being downloaded; the next run reads the new delivery`,
        removed: (key) => `${url(key)} was removed after it was listed; the next run reads what is there then`,
      }
    },
    async close() {
      await rm(caches, { recursive: true })
      await server.close()
    },
  }
}

conformance('S3, as the fake plays it,', async () => {
  const fake = await startFakeS3()
  return storesOn({
    ...fake,
    put: async (key, bytes) => fake.put(key, bytes),
    remove: async (key) => fake.remove(key),
  })
})

const binary = findVersitygw()
if (binary === undefined) {
  test.skipIf(process.env['CI'] !== 'true')('a real S3 server is at hand (tools/test-servers.sh installs it)', () => {
    expect.fail('CI requires versitygw: run tools/test-servers.sh first')
  })
} else {
  conformance('S3, as a real server plays it,', () => startRealServer(binary))
}

async function startRealServer(file: string): Promise<StoreUnderTest> {
  const bucket = 'acme-billing'
  const server = await startVersitygw(file)
  const client = new S3Client({
    endpoint: server.endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: realS3Credentials,
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  return storesOn({
    endpoint: server.endpoint,
    bucket,
    async put(key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
    },
    async close() {
      client.destroy()
      await server.close()
    },
  })
}
