import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { DataError, describeError } from '../../src/core/errors.ts'
import type { Attributes } from './fake-s3.ts'
import { bench, failure, filesIn, find } from './s3-bench.ts'

const text = Buffer.from('identity/LineItemId,bill/PayerAccountId\n')
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('base64')
const big = (crc: number) => Buffer.from([crc >>> 24, crc >>> 16, crc >>> 8, crc]).toString('base64')
/** Checksums of `text`; the CRC-32C and CRC-64/NVME come from other implementations. */
const checksums: [string, Attributes][] = [
  ['MD5', {}],
  ['SHA256', { etag: 'x-2', headers: { 'x-amz-checksum-sha256': createHash('sha256').update(text).digest('base64') } }],
  ['SHA1', { etag: 'x-2', headers: { 'x-amz-checksum-sha1': createHash('sha1').update(text).digest('base64') } }],
  ['CRC32', { etag: 'x-2', headers: { 'x-amz-checksum-crc32': big(crc32(text)) } }],
  ['CRC32C', { etag: 'x-2', headers: { 'x-amz-checksum-crc32c': '0NnGIw==' } }],
  ['CRC64NVME', { etag: 'x-2', headers: { 'x-amz-checksum-crc64nvme': 'ujH6IyXFvHc=' } }],
]

test.each(checksums)('notices wrong bytes by %s and downloads once more', async (_, attributes) => {
  const { fake, store } = await bench({ partSize: 30 })
  fake.put('cur/a.csv', text, attributes)
  const object = await find(store, 'a.csv')
  fake.requests()
  fake.fail({ on: 'GET', wrongBytes: true })
  const told: number[] = []
  expect(await readFile(await store.fetch(object, (bytes) => told.push(bytes)))).toEqual(text)
  expect(fake.requests()).toHaveLength(1 + 2 + 2)
  expect(told).toContain(-40)
  expect(told.reduce((sum, bytes) => sum + bytes, 0)).toBe(40)
})

test('refuses bytes that are wrong twice, and keeps none of them', async () => {
  const { fake, store, cache } = await bench()
  fake.put('cur/a.csv', text)
  const object = await find(store, 'a.csv')
  fake.fail({ on: 'GET', wrongBytes: true }, { on: 'GET', wrongBytes: true })
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(DataError)
  expect(describeError(error)).toBe(
    's3://acme-billing/cur/a.csv arrived twice with other bytes than S3 has: ' +
      `expected MD5 ${md5(text)}, got MD5 ${md5(text.map((byte) => byte ^ 0xff))}\n` +
      '  where: file s3://acme-billing/cur/a.csv\n' +
      '  hint: Something between here and S3 alters the data (a proxy, a disk, memory), or the object is damaged.',
  )
  expect(await filesIn(cache)).toEqual([])
})

const someMd5 = '0123456789abcdef0123456789abcdef'
test.each<[string, Attributes]>([
  ['an ETag of parts', { etag: `${someMd5}-2` }],
  ['an ETag under a KMS key', { etag: someMd5, headers: { 'x-amz-server-side-encryption': 'aws:kms' } }],
  [
    'an ETag under a customer key',
    { etag: someMd5, headers: { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' } },
  ],
  [
    'a checksum that S3 calls one of parts',
    { etag: 'x-2', headers: { 'x-amz-checksum-type': 'COMPOSITE', 'x-amz-checksum-crc32': 'AAAAAA==' } },
  ],
  ['a checksum with a number of parts', { etag: 'x-2', headers: { 'x-amz-checksum-crc32': 'AAAAAA==-2' } }],
])('does not take %s for a checksum of the bytes', async (_, attributes) => {
  const { fake, store } = await bench()
  fake.put('cur/a.csv', text, attributes)
  expect(await readFile(await store.fetch(await find(store, 'a.csv')))).toEqual(text)
})
