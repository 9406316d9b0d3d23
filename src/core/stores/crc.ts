/**
 * The two cyclic redundancy checks that object stores keep and Node has no function for. CRC-64/NVME matters: it is
 * what S3 stores by itself for an object uploaded in parts, whose ETag says nothing about the bytes.
 */

export interface Crc {
  update(bytes: Uint8Array): void
  /** Base64 of the big-endian bytes, as object stores write it. */
  value(): string
}

/** CRC-32C (Castagnoli), reflected polynomial 82F63B78. */
export function crc32c(): Crc {
  const table = crc32cTable()
  let crc = 0xffffffff
  return {
    update(bytes) {
      // In a local variable: four times faster than in the one that outlives the call.
      let next = crc
      for (let index = 0; index < bytes.length; index += 1) {
        next = (next >>> 8) ^ (table[(next ^ (bytes[index] as number)) & 0xff] as number)
      }
      crc = next
    },
    value: () => base64([~crc]),
  }
}

/** CRC-64/NVME, reflected polynomial 9A6C9329AC4BC9B5, in two halves: a bigint per byte would be a hundred times slower. */
export function crc64nvme(): Crc {
  const { highs, lows } = crc64Tables()
  let high = 0xffffffff
  let low = 0xffffffff
  return {
    update(bytes) {
      let [nextHigh, nextLow] = [high, low]
      for (let index = 0; index < bytes.length; index += 1) {
        const entry = (nextLow ^ (bytes[index] as number)) & 0xff
        nextLow = ((nextLow >>> 8) | (nextHigh << 24)) ^ (lows[entry] as number)
        nextHigh = (nextHigh >>> 8) ^ (highs[entry] as number)
      }
      high = nextHigh
      low = nextLow
    },
    value: () => base64([~high, ~low]),
  }
}

function crc32cTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
    return crc
  })
}

function crc64Tables(): { highs: Int32Array; lows: Int32Array } {
  const highs = new Int32Array(256)
  const lows = new Int32Array(256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = BigInt(byte)
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ (crc & 1n ? 0x9a6c9329ac4bc9b5n : 0n)
    highs[byte] = Number(crc >> 32n)
    lows[byte] = Number(crc & 0xffffffffn)
  }
  return { highs, lows }
}

function base64(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4)
  words.forEach((word, position) => bytes.writeInt32BE(word | 0, position * 4))
  return bytes.toString('base64')
}
