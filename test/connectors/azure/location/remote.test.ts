import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { azure } from '../../../../src/connectors/azure/index.ts'
import { describeError } from '../../../../src/core/errors.ts'
import { loadCase, placeInput } from '../../../cases/case.ts'
import { rowsAsCsv } from '../../../cases/lake.ts'
import { workspace } from '../../../cases/refusal.ts'
import { findAzurite, realAccount, startAzurite } from '../../../stores/azurite.ts'
import { startFakeBlobs } from '../../../stores/fake-azure-blob.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { findVersitygw, realS3Credentials, startVersitygw } from '../../../stores/versitygw.ts'

/** A store that exports can be put into, and how a process comes to it. */
interface Place {
  readonly location: string
  readonly env: Readonly<Record<string, string>>
  put(key: string, bytes: Buffer): Promise<void> | void
  close(): Promise<void>
}

async function fakeBlobs(): Promise<Place> {
  const fake = await startFakeBlobs()
  return {
    location: `az://${fake.account}/${fake.container}`,
    env: { AZURE_STORAGE_CONNECTION_STRING: fake.connectionString },
    put: (key, bytes) => fake.put(key, bytes),
    close: () => fake.close(),
  }
}

async function realBlobs(program: string): Promise<Place> {
  const server = await startAzurite(program)
  const client = BlobServiceClient.fromConnectionString(server.connectionString).getContainerClient('exports')
  await client.create()
  return {
    location: `az://${realAccount}/exports`,
    env: { AZURE_STORAGE_CONNECTION_STRING: server.connectionString },
    async put(key, bytes) {
      await client.getBlockBlobClient(key).upload(bytes, bytes.length)
    },
    close: () => server.close(),
  }
}

async function realS3(binary: string): Promise<Place> {
  const server = await startVersitygw(binary)
  const { accessKeyId, secretAccessKey } = realS3Credentials
  const client = new S3Client({
    endpoint: server.endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: realS3Credentials,
  })
  await client.send(new CreateBucketCommand({ Bucket: 'acme-billing' }))
  return {
    location: 's3://acme-billing',
    env: {
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    async put(key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: 'acme-billing', Key: key, Body: bytes }))
    },
    async close() {
      client.destroy()
      await server.close()
    },
  }
}

/** Actual and amortized cost of a month with reservations, each with its manifest. */
const month = loadCase('azure', 'reservation-month')
const period = '2024-11'

function inputFiles(): string[] {
  const input = path.join(month.folder, 'input')
  const entries = readdirSync(input, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => path.relative(input, path.join(entry.parentPath, entry.name)))
}

function readsExports(name: string, start: () => Promise<Place>): void {
  describe(name, () => {
    let place: Place
    beforeAll(async () => {
      place = await start()
      for (const key of inputFiles()) await place.put(key, readFileSync(path.join(month.folder, 'input', key)))
    }, 60_000)
    afterAll(() => place.close())
    afterEach(() => vi.unstubAllEnvs())

    test('publishes what the same exports in a folder do, and finds it up to date after that', async () => {
      for (const [variable, value] of Object.entries(place.env)) vi.stubEnv(variable, value)
      const { folder, lake } = workspace()
      await placeInput(month, path.join(folder, 'bill'))
      const sources = [
        { name: 'remote', connector: 'azure', options: { location: place.location } },
        { name: 'folder', connector: 'azure', options: { location: './bill' } },
      ]
      expect((await lake.run(sources)).troubles).toEqual([])
      const columns = readFileSync(path.join(month.folder, 'expected.csv'), 'utf8').split('\n', 1)[0]?.split(',') ?? []
      const rows = await rowsAsCsv(lake, 'remote', columns)
      expect(rows).toBe(readFileSync(path.join(month.folder, 'expected.csv'), 'utf8'))
      expect(rows).toBe(await rowsAsCsv(lake, 'folder', columns))
      const again = await lake.run(sources)
      expect(again.record.units.map(({ source, result }) => `${source} ${result}`)).toEqual([
        'remote up to date',
        'folder up to date',
      ])
    })

    test('does not read a file that is another by now than the one that was found', async () => {
      const context = { baseDirectory: '/', cacheDirectory: temporaryFolder(), env: place.env }
      for (const [variable, value] of Object.entries(place.env)) vi.stubEnv(variable, value)
      const source = await azure.open({ location: place.location, months: 1 }, context)
      const delivery = await source.delivery(period)
      const key = delivery.files[0]?.key ?? ''
      await place.put(key, readFileSync(path.join(month.folder, 'input', key)).subarray(0, -1))
      await expect(source.fetch(delivery).catch((error: unknown) => describeError(error))).resolves.toBe(
        `${place.location}/${key} was replaced while it was being downloaded; the next run reads the new delivery\n` +
          `  where: file ${place.location}/${key}`,
      )
    })
  })
}

readsExports('exports in Blob Storage, as the fake plays it', fakeBlobs)

const program = findAzurite()
const binary = findVersitygw()
if (program !== undefined) readsExports('exports in Blob Storage, as a real server plays it', () => realBlobs(program))
if (binary !== undefined) readsExports('exports in S3, as a real server plays it', () => realS3(binary))
if (program === undefined || binary === undefined) {
  test.skipIf(process.env['CI'] !== 'true')('real stores are at hand (tools/test-servers.sh installs them)', () => {
    expect.fail('CI requires Azurite and versitygw: run tools/test-servers.sh first')
  })
}
