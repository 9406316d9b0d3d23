import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { DataError } from '../errors.ts'
import type { Checksum } from './checksum.ts'

/**
 * A checksum of the whole object, if S3 has one: a stored one, or an ETag that is the MD5 of the bytes.
 * (Amazon S3 User Guide, "Checking object integrity".)
 */
export function storedChecksum(head: HeadObjectCommandOutput): Checksum | undefined {
  if (head.ChecksumType !== 'COMPOSITE') {
    const stored = (['SHA256', 'SHA1', 'CRC64NVME', 'CRC32', 'CRC32C'] as const)
      .map((algorithm) => ({ algorithm, value: head[`Checksum${algorithm}`] ?? '' }))
      // "-3" at the end marks a checksum of three checksums.
      .find(({ value }) => value !== '' && !value.includes('-'))
    if (stored !== undefined) return stored
  }
  // Encrypted with a key of KMS or of the customer, or uploaded in parts, the ETag is something else than the MD5.
  const isPlain = head.SSECustomerAlgorithm === undefined && !(head.ServerSideEncryption ?? '').startsWith('aws:')
  const md5 = /^"?([0-9a-f]{32})"?$/.exec(head.ETag ?? '')?.[1]
  return isPlain && md5 !== undefined
    ? { algorithm: 'MD5', value: Buffer.from(md5, 'hex').toString('base64') }
    : undefined
}

/** The bytes that arrived are not those that S3 keeps a checksum of, twice over. */
export function wrongBytes(object: string, expected: Checksum, found: Checksum): DataError {
  const [wanted, got] = [expected, found].map(({ algorithm, value }) => `${algorithm} ${value}`)
  return new DataError(`${object} arrived twice with other bytes than S3 has: expected ${wanted}, got ${got}`, {
    where: { file: object },
    hint: 'Something between here and S3 alters the data (a proxy, a disk, memory), or the object is damaged.',
  })
}
