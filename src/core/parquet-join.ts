import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { readThrift, writeThrift, type ThriftField, type ThriftStruct } from './thrift.ts'

/** Numbers of the fields that are read or changed here: parquet.thrift of the Parquet format. */
const fileFields = { schema: 2, rows: 3, rowGroups: 4 }
const rowGroupFields = { columns: 1, fileOffset: 5, ordinal: 7 }
const columnFields = { fileOffset: 2, metaData: 3, offsetIndexOffset: 4, columnIndexOffset: 6 }
const metaDataFields = { dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomFilter: 14 }

const magic = Buffer.from('PAR1')
/** The length of the footer and the magic bytes, behind it. */
const tailBytes = 8

interface Part {
  readonly path: string
  /** Where the row groups end and the footer begins. */
  readonly end: number
  readonly footer: ThriftStruct
}

/**
 * Joins Parquet files of one schema into one that holds all their row groups, in order. No value is decoded: the
 * pages are copied as they are, and the footer says where they lie now. Everything else of the footer (schema,
 * key-value metadata) is that of the first part. Throws when a part is no Parquet file, or of another schema.
 *
 * The pages begin behind a gap whose length the footers decide; what is left of 4 KiB follows them. Some readers open
 * a file once for its footer and again for its pages. When it was replaced in between, they look for the old file's
 * pages in the new one: without the gap these often lie at the same place and are read as if they belonged
 * together; with it, the reader fails.
 */
export async function joinParquet(parts: readonly string[], target: string, signal?: AbortSignal): Promise<void> {
  const read = await Promise.all(parts.map(readPart))
  const [first, ...others] = read
  if (first === undefined) throw new RangeError('no Parquet file to join')
  for (const part of others) refuseOtherSchema(first, part)
  try {
    await pipeline(joined(read, first), createWriteStream(target), signal === undefined ? {} : { signal })
  } catch (error) {
    // The disk may be full: what was written of the file is in the way of everything else.
    await rm(target, { force: true })
    throw error
  }
}

async function* joined(parts: readonly Part[], first: Part): AsyncGenerator<Uint8Array> {
  yield magic
  const rowGroups: ThriftStruct[] = []
  let rows = 0n
  const gap = gapOf(parts)
  yield Buffer.alloc(gap)
  let at = magic.length + gap
  for (const { path, end, footer } of parts) {
    if (end > magic.length) yield* createReadStream(path, { start: magic.length, end: end - 1, highWaterMark: 1 << 20 })
    rows += integer(footer, fileFields.rows)
    for (const group of structs(footer, fileFields.rowGroups))
      rowGroups.push(moveRowGroup(group, BigInt(at - magic.length), BigInt(rowGroups.length)))
    at += end - magic.length
  }
  yield Buffer.alloc(roomForGap - gap)
  const footer = writeThrift(withRowGroups(first.footer, rows, rowGroups))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(footer.length)
  yield footer
  yield length
  yield magic
}

const roomForGap = 4096

function gapOf(parts: readonly Part[]): number {
  const hash = createHash('sha256')
  for (const { footer } of parts) hash.update(writeThrift(footer))
  return (hash.digest().readUInt16LE(0) % roomForGap) + 1
}

async function readPart(path: string): Promise<Part> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const tail = await readAt(file, Math.max(size - tailBytes, 0), tailBytes)
    const footerLength = tail.length < tailBytes ? size : tail.readUInt32LE(0)
    const end = size - tailBytes - footerLength
    if (end < magic.length || !tail.subarray(4).equals(magic)) throw new RangeError(`${path} is no Parquet file`)
    return { path, end, footer: readThrift(await readAt(file, end, footerLength)) }
  } finally {
    await file.close()
  }
}

async function readAt(file: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}

/** DuckDB writes its schema the same way each time, so that equal bytes are asked for, and enough. */
function refuseOtherSchema(first: Part, part: Part): void {
  const [one, other] = [first, part].map(({ footer }) => Buffer.from(writeThrift(only(footer, fileFields.schema))))
  if (one === undefined || other === undefined || !one.equals(other))
    throw new RangeError(`${part.path} has another schema than ${first.path}`)
}

function only(struct: ThriftStruct, id: number): ThriftStruct {
  return new Map([...struct].filter(([key]) => key === id))
}

function withRowGroups(footer: ThriftStruct, rows: bigint, rowGroups: readonly ThriftStruct[]): ThriftStruct {
  return mapFields(footer, (id, field) => {
    if (id === fileFields.rows) return { ...field, value: rows }
    if (id === fileFields.rowGroups) return { ...field, value: { type: structType, values: rowGroups } }
    return field
  })
}

const structType = 12

/** The row group as number `ordinal` of a file in which its bytes lie `by` further back. */
function moveRowGroup(group: ThriftStruct, by: bigint, ordinal: bigint): ThriftStruct {
  return mapFields(group, (id, field) => {
    if (id === rowGroupFields.fileOffset) return shifted(field, by)
    if (id === rowGroupFields.ordinal) return { ...field, value: ordinal }
    if (id !== rowGroupFields.columns) return field
    const values = structs(group, id).map((column) => moveColumn(column, by))
    return { ...field, value: { type: structType, values } }
  })
}

function moveColumn(column: ThriftStruct, by: bigint): ThriftStruct {
  const { fileOffset, offsetIndexOffset, columnIndexOffset, metaData } = columnFields
  return mapFields(column, (id, field) => {
    if ([fileOffset, offsetIndexOffset, columnIndexOffset].includes(id)) return shifted(field, by)
    return id === metaData && field.value instanceof Map ? { ...field, value: moveMetaData(field.value, by) } : field
  })
}

function moveMetaData(metaData: ThriftStruct, by: bigint): ThriftStruct {
  const offsets = Object.values(metaDataFields)
  return mapFields(metaData, (id, field) => (offsets.includes(id) ? shifted(field, by) : field))
}

/** Offset 0 says that there is none: before the magic bytes nothing lies. */
function shifted(field: ThriftField, by: bigint): ThriftField {
  return typeof field.value === 'bigint' && field.value !== 0n ? { ...field, value: field.value + by } : field
}

function mapFields(struct: ThriftStruct, change: (id: number, field: ThriftField) => ThriftField): ThriftStruct {
  return new Map([...struct].map(([id, field]) => [id, change(id, field)]))
}

function integer(struct: ThriftStruct, id: number): bigint {
  const value = struct.get(id)?.value
  return typeof value === 'bigint' ? value : 0n
}

function structs(struct: ThriftStruct, id: number): ThriftStruct[] {
  const value = struct.get(id)?.value
  if (typeof value !== 'object' || !('values' in value) || !Array.isArray(value.values)) return []
  return value.values.filter((each) => each instanceof Map)
}
