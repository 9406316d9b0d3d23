import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { BlobServiceClient } from '@azure/storage-blob'
import { Storage } from '@google-cloud/storage'
import { realAccount, startAzurite } from '../stores/azurite.ts'
import { startGcsServer } from '../stores/gcs-server.ts'
import { realS3Credentials, startVersitygw } from '../stores/versitygw.ts'
import { bucketLakes, type Objects } from './bucket-lakes.ts'
import type { LakeServer } from './lake-server.ts'

/** The default chain of the client library reads the process environment, and nothing else here. */
process.env['AWS_ACCESS_KEY_ID'] = realS3Credentials.accessKeyId
process.env['AWS_SECRET_ACCESS_KEY'] = realS3Credentials.secretAccessKey

const bucket = 'acme-lakes'
const kibibyte = 1024

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
