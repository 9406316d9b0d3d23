import { readFile, writeFile } from 'node:fs/promises'
import { crc32, deflateRawSync } from 'node:zlib'

/** Writes a zip archive with one deflated entry, dated 1980-01-01 so that equal content gives equal bytes. */
export async function zipFile(source: string, entryName: string, target: string): Promise<void> {
  const content = await readFile(source)
  const packed = deflateRawSync(content)
  const name = Buffer.from(entryName, 'utf8')
  const facts = entryFacts(content, packed, name.length)
  const local = Buffer.concat([uint32(0x04034b50), facts, name, packed])
  const central = Buffer.concat([uint32(0x02014b50), uint16(20), facts, Buffer.alloc(14), name])
  const end = Buffer.concat([
    uint32(0x06054b50),
    Buffer.alloc(4),
    uint16(1),
    uint16(1),
    uint32(central.length),
    uint32(local.length),
    uint16(0),
  ])
  await writeFile(target, Buffer.concat([local, central, end]))
}

/** The part that the local header and the central directory share: versions, method 8, date, sums, sizes. */
function entryFacts(content: Buffer, packed: Buffer, nameLength: number): Buffer {
  const firstDayOf1980 = 0x0021
  return Buffer.concat([
    uint16(20),
    uint16(0),
    uint16(8),
    uint16(0),
    uint16(firstDayOf1980),
    uint32(crc32(content)),
    uint32(packed.length),
    uint32(content.length),
    uint16(nameLength),
    uint16(0),
  ])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
