import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly content: Uint8Array
}

/** A zip archive of deflated entries, dated 1980-01-01 so that equal content gives equal bytes. Below 4 GB in all. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const packed = deflateRawSync(entry.content)
    const name = Buffer.from(entry.name, 'utf8')
    const facts = entryFacts(entry.content, packed, name.length)
    const local = Buffer.concat([uint32(0x04034b50), facts, name, packed])
    // Version, the facts, no comment, disk 0, no attributes, and where the entry begins.
    centrals.push(Buffer.concat([uint32(0x02014b50), uint16(20), facts, Buffer.alloc(10), uint32(offset), name]))
    locals.push(local)
    offset += local.length
  }
  const central = Buffer.concat(centrals)
  const end = Buffer.concat([
    uint32(0x06054b50),
    Buffer.alloc(4),
    uint16(entries.length),
    uint16(entries.length),
    uint32(central.length),
    uint32(offset),
    uint16(0),
  ])
  return Buffer.concat([...locals, central, end])
}

/** The part that the local header and the central directory share: versions, UTF-8 names, method 8, date, sums, sizes. */
function entryFacts(content: Uint8Array, packed: Buffer, nameLength: number): Buffer {
  const firstDayOf1980 = 0x0021
  const utf8Names = 0x0800
  return Buffer.concat([
    uint16(20),
    uint16(utf8Names),
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
