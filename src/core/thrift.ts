/**
 * Values of Thrift's compact protocol, in which a Parquet file describes itself. They are kept as a tree that
 * knows nothing of Parquet: what is not understood is written back as it was read.
 */
export type ThriftValue = boolean | bigint | Uint8Array | ThriftStruct | ThriftList

/** Fields by their number, in the order of the file. */
export type ThriftStruct = Map<number, ThriftField>

export interface ThriftField {
  readonly type: number
  readonly value: ThriftValue
}

export interface ThriftList {
  readonly type: number
  readonly values: readonly ThriftValue[]
}

/** Types of the compact protocol. Maps and sets of structs do not occur in Parquet. */
const types = { stop: 0, true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 }

/** The struct that begins at the first byte. Bytes after it are ignored. Throws for types that Parquet does not use. */
export function readThrift(bytes: Uint8Array): ThriftStruct {
  return readStruct({ bytes, at: 0 })
}

export function writeThrift(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = []
  writeStruct(struct, bytes)
  return Uint8Array.from(bytes)
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.at]
  if (byte === undefined) throw new RangeError('the Thrift struct ends too early')
  reader.at += 1
  return byte
}

function readVarint(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = readByte(reader)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
}

/** Zigzag: 0, -1, 1, -2 are written 0, 1, 2, 3. */
function readInteger(reader: Reader): bigint {
  const value = readVarint(reader)
  return (value >> 1n) ^ -(value & 1n)
}

function readBytes(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length
  if (end > reader.bytes.length) throw new RangeError('the Thrift struct ends too early')
  const found = reader.bytes.slice(reader.at, end)
  reader.at = end
  return found
}

function readStruct(reader: Reader): ThriftStruct {
  const struct: ThriftStruct = new Map()
  for (let id = 0; ;) {
    const head = readByte(reader)
    const type = head & 0x0f
    if (type === types.stop) return struct
    id = head >> 4 === 0 ? Number(readInteger(reader)) : id + (head >> 4)
    // A truth is in its field's type.
    const value = type === types.true || type === types.false ? type === types.true : readValue(reader, type)
    struct.set(id, { type, value })
  }
}

function readValue(reader: Reader, type: number): ThriftValue {
  switch (type) {
    case types.true:
    case types.false:
      return readByte(reader) === types.true
    case types.byte:
      return BigInt(readByte(reader))
    case types.i16:
    case types.i32:
    case types.i64:
      return readInteger(reader)
    case types.double:
      return readBytes(reader, 8)
    case types.binary:
      return readBytes(reader, Number(readVarint(reader)))
    case types.list:
      return readList(reader)
    case types.struct:
      return readStruct(reader)
    default:
      throw new RangeError(`Thrift type ${type} is not one that Parquet uses`)
  }
}

function readList(reader: Reader): ThriftList {
  const head = readByte(reader)
  const type = head & 0x0f
  const count = head >> 4 === 15 ? Number(readVarint(reader)) : head >> 4
  return { type, values: Array.from({ length: count }, () => readValue(reader, type)) }
}

function writeVarint(value: bigint, bytes: number[]): void {
  let rest = value
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
}

function writeInteger(value: bigint, bytes: number[]): void {
  writeVarint(value < 0n ? -value * 2n - 1n : value * 2n, bytes)
}

function writeStruct(struct: ThriftStruct, bytes: number[]): void {
  let last = 0
  for (const [id, { type, value }] of struct) {
    const step = id - last
    if (step > 0 && step <= 15) bytes.push((step << 4) | type)
    else {
      bytes.push(type)
      writeInteger(BigInt(id), bytes)
    }
    if (typeof value !== 'boolean') writeValue(type, value, bytes)
    last = id
  }
  bytes.push(types.stop)
}

function writeValue(type: number, value: ThriftValue, bytes: number[]): void {
  if (typeof value === 'boolean') bytes.push(value ? types.true : types.false)
  else if (typeof value === 'bigint') {
    if (type === types.byte) bytes.push(Number(value))
    else writeInteger(value, bytes)
  } else if (value instanceof Uint8Array) {
    if (type === types.binary) writeVarint(BigInt(value.length), bytes)
    for (const byte of value) bytes.push(byte)
  } else if (value instanceof Map) writeStruct(value, bytes)
  else writeList(value, bytes)
}

function writeList({ type, values }: ThriftList, bytes: number[]): void {
  if (values.length < 15) bytes.push((values.length << 4) | type)
  else {
    bytes.push(0xf0 | type)
    writeVarint(BigInt(values.length), bytes)
  }
  for (const value of values) writeValue(type, value, bytes)
}
