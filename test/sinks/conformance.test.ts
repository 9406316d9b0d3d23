import { expect, test } from 'vitest'
import { findAzurite } from '../stores/azurite.ts'
import { findGcsServer } from '../stores/gcs-server.ts'
import { findVersitygw } from '../stores/versitygw.ts'
import { lakeConformance } from './conformance.ts'
import { fakeBlobLakes, fakeGcsLakes, fakeS3Lakes } from './fake-lakes.ts'
import type { LakeServer } from './lake-server.ts'
import { localLakes } from './local-lakes.ts'
import { realBlobLakes, realGcsLakes, realS3Lakes } from './real-lakes.ts'

lakeConformance('in a local folder', async () => localLakes())
lakeConformance('on S3, as the fake plays it', async () => (await fakeS3Lakes()).lakes)
lakeConformance('on Cloud Storage, as the fake plays it', async () => (await fakeGcsLakes()).lakes)
lakeConformance('on Blob Storage, as the fake plays it', async () => (await fakeBlobLakes()).lakes)

onServer('a real S3 server (versitygw)', findVersitygw(), realS3Lakes)
onServer('a server of Cloud Storage (fake-gcs-server)', findGcsServer(), realGcsLakes)
onServer('a real blob service (Azurite)', findAzurite(), realBlobLakes)

function onServer(name: string, binary: string | undefined, start: (binary: string) => Promise<LakeServer>): void {
  if (binary !== undefined) return lakeConformance(`on ${name}`, () => start(binary))
  test.skipIf(process.env['CI'] !== 'true')(`${name} is at hand (tools/test-servers.sh installs it)`, () => {
    expect.fail(`CI requires ${name}: run tools/test-servers.sh first`)
  })
}
