import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BlobServiceClient } from '@azure/storage-blob'
import { expect, test } from 'vitest'
import { openStore } from '../../src/connectors/stores/open.ts'
import { findAzurite, realAccount, startAzurite } from './azurite.ts'
import { conformance, type StoreUnderTest } from './conformance.ts'
import { startFakeBlobs } from './fake-azure-blob.ts'

const partSize = 100
const tuning = { partSize, pageSize: 2 }

interface Server {
  readonly endpoint: string
  readonly connectionString: string
  readonly account: string
  readonly container: string
  put(key: string, bytes: Buffer): Promise<void>
  remove(key: string): Promise<void>
  close(): Promise<void>
}

async function storesOn(server: Server): Promise<StoreUnderTest> {
  const caches = await mkdtemp(path.join(tmpdir(), 'focal-test-'))
  const { endpoint, account, container } = server
  const env = { AZURE_STORAGE_CONNECTION_STRING: server.connectionString }
  return {
    partSize,
    async create() {
      const prefix = `exports/${randomUUID()}`
      const cacheDirectory = path.join(caches, randomUUID())
      const options = { baseDirectory: '/nowhere', cacheDirectory, env, tuning }
      const location = `az://${account}/${container}/${prefix}`
      return {
        put: (key, bytes) => server.put(`${prefix}/${key}`, bytes),
        remove: (key) => server.remove(`${prefix}/${key}`),
        open: (signal) => openStore(location, { ...options, signal }),
        missing: {
          store: openStore(`az://${account}/no-such-container/exports`, options),
          message: `there is no container "no-such-container" at ${endpoint}`,
        },
        changed: (key) =>
          `${location}/${key} was replaced while it was being downloaded; the next run reads the new delivery`,
        removed: (key) => `${location}/${key} was removed after it was listed; the next run reads what is there then`,
      }
    },
    async close() {
      await rm(caches, { recursive: true })
      await server.close()
    },
  }
}

conformance('Blob Storage, as the fake plays it,', async () => {
  const fake = await startFakeBlobs()
  return storesOn({
    ...fake,
    put: async (key, bytes) => fake.put(key, bytes),
    remove: async (key) => fake.remove(key),
  })
})

const program = findAzurite()
if (program === undefined) {
  test.skipIf(process.env['CI'] !== 'true')(
    'a real blob service is at hand (tools/test-servers.sh installs it)',
    () => {
      expect.fail('CI requires Azurite: run tools/test-servers.sh first')
    },
  )
} else {
  conformance('Blob Storage, as a real server plays it,', () => startRealServer(program))
}

async function startRealServer(file: string): Promise<StoreUnderTest> {
  const server = await startAzurite(file)
  const container = 'exports'
  const client = BlobServiceClient.fromConnectionString(server.connectionString).getContainerClient(container)
  await client.create()
  return storesOn({
    ...server,
    account: realAccount,
    container,
    async put(key, bytes) {
      await client.getBlockBlobClient(key).upload(bytes, bytes.length)
    },
    async remove(key) {
      await client.deleteBlob(key)
    },
  })
}
