import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { crc32 } from 'node:zlib'
import { crc32c, crc64nvme } from './crc.ts'

export type ChecksumAlgorithm = 'SHA256' | 'SHA1' | 'CRC64NVME' | 'CRC32' | 'CRC32C' | 'MD5'

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  /** Base64 of the big-endian bytes, as object stores write it. */
  readonly value: string
}

interface Digest {
  update(bytes: Uint8Array): void
  /** Base64. */
  value(): string
}

/** The checksum of a local file's bytes. */
export async function checksumOf(file: string, algorithm: ChecksumAlgorithm, signal?: AbortSignal): Promise<Checksum> {
  const digest = digestFor(algorithm)
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: 1 << 20, signal })
  for await (const chunk of chunks) digest.update(chunk)
  return { algorithm, value: digest.value() }
}

function digestFor(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'CRC64NVME':
      return crc64nvme()
    case 'CRC32C':
      return crc32c()
    case 'CRC32':
      return nativeCrc32()
    default:
      return nativeHash(algorithm.toLowerCase())
  }
}

function nativeHash(name: string): Digest {
  const hash = createHash(name)
  return { update: (bytes) => void hash.update(bytes), value: () => hash.digest('base64') }
}

function nativeCrc32(): Digest {
  let crc = 0
  return {
    update(bytes) {
      crc = crc32(bytes, crc)
    },
    value() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(crc)
      return bytes.toString('base64')
    },
  }
}
