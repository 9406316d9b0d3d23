import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  readThrift,
  writeThrift,
  type ThriftField,
  type ThriftStruct,
  type ThriftValue,
} from '../../src/core/thrift.ts'

const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
/** Lists of 15 and bytes of 128 or more write their length otherwise. Without the size there would be ten at most. */
const upTo = (maxLength: number) => ({ maxLength, size: 'max' }) as const

/** A field of each type that Parquet uses, structs and lists of structs among them, to a depth of `depth`. */
function field(depth: number): fc.Arbitrary<ThriftField> {
  const scalars: fc.Arbitrary<ThriftField>[] = [
    fc.boolean().map((value) => ({ type: value ? 1 : 2, value })),
    fc.bigInt({ min: 0n, max: 255n }).map((value) => ({ type: 3, value })),
    fc.tuple(fc.constantFrom(4, 5, 6), i64).map(([type, value]) => ({ type, value })),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((value) => ({ type: 7, value })),
    fc.uint8Array(upTo(300)).map((value) => ({ type: 8, value })),
    fc.array(i64, upTo(20)).map((values) => ({ type: 9, value: { type: 6, values } })),
    fc.array(fc.boolean(), upTo(20)).map((values) => ({ type: 9, value: { type: 1, values } })),
  ]
  if (depth === 0) return fc.oneof(...scalars)
  return fc.oneof(
    ...scalars,
    struct(depth - 1).map((value) => ({ type: 12, value })),
    fc.array(struct(depth - 1), upTo(17)).map((values) => ({ type: 9, value: { type: 12, values } })),
  )
}

/** Fields in any order, with numbers close together and far apart. */
function struct(depth: number): fc.Arbitrary<ThriftStruct> {
  const id = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 32_767 }))
  return fc
    .uniqueArray(fc.tuple(id, field(depth)), { selector: ([key]) => key, maxLength: 6 })
    .map((all) => new Map(all))
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(struct(2), (value) => {
      expect(readThrift(writeThrift(value))).toEqual(value)
    }),
  )
})

test('bytes are as the compact protocol has them', () => {
  const text: ThriftValue = Buffer.from('ab')
  const value: ThriftStruct = new Map<number, ThriftField>([
    [1, { type: 5, value: -3n }],
    [2, { type: 1, value: true }],
    [20, { type: 8, value: text }],
    [21, { type: 9, value: { type: 6, values: [150n] } }],
  ])
  expect(Buffer.from(writeThrift(value)).toString('hex')).toBe('15051108280261621916ac0200')
})

test('a struct that is cut off is an error, wherever it is cut', () => {
  const whole = writeThrift(new Map([[1, { type: 8, value: Buffer.from('abc') }]]))
  for (let length = 0; length < whole.length; length++) {
    expect(() => readThrift(whole.subarray(0, length))).toThrow('the Thrift struct ends too early')
  }
})

test('types that Parquet does not use are refused', () => {
  expect(() => readThrift(Uint8Array.of(0x1b, 0x00))).toThrow('Thrift type 11 is not one that Parquet uses')
})
