import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/core/duckdb.ts'
import { temporaryFolderOfFile } from './aws/temporary-folder.ts'

/** The macros that read amounts, against exact integer arithmetic. */

const transforms = fileURLToPath(new URL('../../src/transforms', import.meta.url))
const folder = temporaryFolderOfFile()
let session: Session

/** The files in the order in which a transform runs them: a later one replaces what it knows better. */
function withMacrosOf(files: readonly string[]): void {
  beforeAll(async () => {
    session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory: path.join(folder(), 'spill') })
    for (const file of files) await session.run(readFileSync(path.join(transforms, file), 'utf8'))
  })
  afterAll(() => session.close())
}

const common = ['macros.sql']
const google = ['macros.sql', 'gcp/macros.sql']

/** A decimal text as an integer of 1e-18, halves away from zero. */
function attos(text: string): bigint {
  const parts = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text)
  if (parts === null) throw new Error(`${text} is no decimal`)
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const digits = BigInt(whole + fraction || '0')
  const shift = 18 + Number(exponent) - fraction.length
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : halfUp(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -magnitude : magnitude
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

/** What the macro makes of each text, read as the type. */
async function answers(macro: string, texts: readonly string[], type: string): Promise<(string | null)[]> {
  await session.set('texts', texts)
  const rows = await session.rows<{ answer: string | null }>(
    `SELECT ${macro}(text::${type})::VARCHAR AS answer FROM (SELECT unnest(getvariable('texts')) AS text)`,
  )
  return rows.map(({ answer }) => answer)
}

/** Amounts as integers of 1e-18. */
async function read(texts: readonly string[], type: 'VARCHAR' | 'DOUBLE', macro = 'amount_of'): Promise<bigint[]> {
  return (await answers(macro, texts, type)).map((amount) => attos(amount ?? 'none'))
}

/** A bill of up to 300 values, again and again. Without the size there would be ten values, or digits, at most. */
async function ofEveryBill<Value>(value: fc.Arbitrary<Value>, holds: (bill: Value[]) => Promise<void>): Promise<void> {
  const bills = fc.array(value, { minLength: 1, maxLength: 300, size: 'max' })
  await fc.assert(fc.asyncProperty(bills, holds), { numRuns: 12 })
}

/** A whole number of 1e-`decimals` as text. */
function decimal(unscaled: bigint, decimals: number): string {
  const padded = String(unscaled < 0n ? -unscaled : unscaled).padStart(decimals + 1, '0')
  const cut = padded.length - decimals
  return `${unscaled < 0n ? '-' : ''}${padded.slice(0, cut)}${decimals > 0 ? '.' : ''}${padded.slice(cut)}`
}

/** The double that is so many steps further from zero. */
function further(double: number, steps: number): number {
  const bits = new BigInt64Array([0n])
  const value = new Float64Array(bits.buffer)
  value[0] = double
  bits[0] = (bits[0] ?? 0n) + BigInt(steps)
  return value[0] ?? NaN
}

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: min, maxLength: max, size: 'max' })
const sign = fc.constantFrom('', '-')
const numbers = (whole: fc.Arbitrary<string>, fraction: fc.Arbitrary<string>) =>
  fc.tuple(sign, whole, fraction).map(([s, w, f]) => (f === '' ? s + w : `${s}${w}.${f}`))
const plain = numbers(digits(1, 19), digits(0, 28))
const short = numbers(digits(1, 7), digits(0, 14))
const long = numbers(digits(5, 18), digits(0, 8))
const byteSeconds = numbers(digits(13, 17), digits(0, 3))
const scientific = fc
  .tuple(sign, digits(1, 1), digits(0, 16), fc.constantFrom('E', 'e'), fc.integer({ min: -120, max: 17 }))
  .map(([s, whole, fraction, e, power]) => `${s}${whole}${fraction === '' ? '' : `.${fraction}`}${e}${power}`)

/** Doubles around a power of two: decimals of so many places, of one more, and the doubles next to one another. */
const near = (power: number, decimals: number) =>
  fc
    .tuple(
      sign,
      fc.oneof(
        fc.integer({ min: -5000, max: 5000 }).map((x) => 2 ** power + x / 10 ** decimals),
        fc.integer({ min: -5000, max: 5000 }).map((x) => 2 ** power + x / 10 ** (decimals + 1)),
        fc.integer({ min: -5000, max: 5000 }).map((steps) => further(2 ** power, steps)),
      ),
    )
    .map(([s, x]) => (s === '' ? x : -x))

describe.each([
  ['every provider', common],
  ['Google', google],
])('amounts of %s', (_provider, files) => {
  withMacrosOf(files)

  test.each([
    ['texts of any length', plain],
    ['texts at the edge of the fast road', short],
    ['texts at the edges of the roads for long numbers', long],
    ['byte-seconds', byteSeconds],
    ['texts with an exponent', scientific],
  ])('%s are read to the last digit', async (_name, texts) => {
    await ofEveryBill(texts, async (bill) => {
      expect(await read(bill, 'VARCHAR')).toEqual(bill.map(attos))
    })
  })

  test.each([
    ['any double', fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e19, max: 1e19 })],
    ['doubles that were decimals', fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }).map((x) => x / 1e10)],
    ['doubles at the edge of the fast road', fc.integer({ min: 0, max: 90_000_000 }).map((x) => 8190 + x / 1e5)],
    ['doubles at the edge of twelve decimals', near(13, 12)],
    ['doubles at the edge of six decimals', near(33, 6)],
    ['doubles at the edge of four decimals', near(39, 4)],
    ['doubles at the edge of two decimals', near(46, 2)],
    ['doubles at the edge of whole numbers', near(53, 0)],
    ['sums, which carry noise', fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => a / 1000 + b / 10_000_000)],
  ])('%s are the decimal of their shortest text', async (_name, doubles) => {
    await ofEveryBill(doubles, async (bill) => {
      const texts = bill.map(String)
      expect(await read(texts, 'DOUBLE')).toEqual(texts.map(attos))
    })
  })

  test.each(['1,234.50', '12 USD', '1.2.3', 'NaN', 'Infinity', '1e40', '123456789012345678901', '--1', '0x10', 'E-5'])(
    '%s is no amount, and never a guess',
    async (text) => {
      await expect(read([text], 'VARCHAR')).rejects.toThrow('Conversion Error: Could not convert string')
    },
  )

  test.each(['NaN', 'Infinity', '1e300'])('the double %s is no amount, and never a guess', async (text) => {
    await expect(read([text], 'DOUBLE')).rejects.toThrow('Conversion Error: Could not convert string')
  })

  test('blank is no value', async () => {
    expect(await session.rows("SELECT amount_of('') AS amount")).toEqual([{ amount: null }])
  })

  test('times are UTC, however they say so', async () => {
    const times = {
      '2025-01-10 08:00:00 UTC': '2025-01-10 08:00:00+00',
      '2025-01-10 08:00:00.123456 UTC': '2025-01-10 08:00:00.123456+00',
      '2025-01-10T08:00:00Z': '2025-01-10 08:00:00+00',
      '2025-01-10T08:00:00.123Z': '2025-01-10 08:00:00.123+00',
      '2025-01-10T08:00:00': '2025-01-10 08:00:00+00',
      '2025-01-10T08:00:00+05:30': '2025-01-10 02:30:00+00',
      '2025-01-10': '2025-01-10 00:00:00+00',
      '': null,
    }
    expect(await answers('time_of', Object.keys(times), 'VARCHAR')).toEqual(Object.values(times))
    expect(await answers('time_of', ['2025-01-10 08:00:00'], 'TIMESTAMP')).toEqual(['2025-01-10 08:00:00+00'])
  })

  test.each(['tomorrow', ' UTC', '2025-13-01 00:00:00 UTC', '2025-01-10 08:00:00 CETX'])(
    '%j is no time, and never a guess',
    async (text) => {
      await expect(answers('time_of', [text], 'VARCHAR')).rejects.toThrow('Conversion Error')
    },
  )
})

describe("Google's millionths", () => {
  withMacrosOf(google)

  const millionth = 10n ** 12n
  /** Below 2^32 of the currency, where doubles lie less than half a millionth apart. */
  const micros = fc.bigInt({ min: -4_294_000_000_000_000n, max: 4_294_000_000_000_000n })
  /** With a last bit that is wrong, where that is less than half a millionth. */
  const noisy = fc.oneof(
    fc.tuple(micros, fc.constant(0)),
    fc.tuple(
      micros.map((amount) => amount / 2n).filter((amount) => amount !== 0n),
      fc.integer({ min: -1, max: 1 }),
    ),
  )
  const smallMicros = fc.integer({ min: -2_000_000_000, max: 2_000_000_000 })

  test.each(['DOUBLE', 'VARCHAR'] as const)('a %s that misses one by its last bit is that one', async (type) => {
    await ofEveryBill(noisy, async (bill) => {
      const texts = bill.map(([amount, noise]) => String(further(Number(decimal(amount, 6)), noise)))
      expect(await read(texts, type, 'micros_of')).toEqual(bill.map(([amount]) => amount * millionth))
      expect(await answers('is_micros', texts, 'DOUBLE')).toEqual(texts.map(() => 'true'))
    })
  })

  test('a double whose last bits are millionths is the decimal of its shortest text', async () => {
    const large = fc.bigInt({ min: 4_294_967_296_000_000n, max: 8_500_000_000_000_000n })
    await ofEveryBill(large, async (bill) => {
      const texts = bill.map((amount) => String(Number(decimal(amount, 6))))
      expect(await read(texts, 'DOUBLE', 'micros_of')).toEqual(bill.map((amount) => amount * millionth))
      expect(await read(texts, 'VARCHAR', 'micros_of')).toEqual(bill.map((amount) => amount * millionth))
    })
  })

  test('a sum of two that was made in doubles is their sum', async () => {
    await ofEveryBill(fc.tuple(smallMicros, smallMicros), async (bill) => {
      const texts = bill.map(([a, b]) => String(a / 1e6 + b / 1e6))
      expect(await read(texts, 'DOUBLE', 'micros_of')).toEqual(bill.map(([a, b]) => BigInt(a + b) * millionth))
    })
  })

  const notMicros = fc
    .tuple(smallMicros, fc.integer({ min: 1, max: 9999 }))
    .map(([amount, part]) => decimal(BigInt(amount) * 10_000n + BigInt(part), 10))
  test.each(['DOUBLE', 'VARCHAR'] as const)('a %s with more decimals keeps them', async (type) => {
    await ofEveryBill(notMicros, async (bill) => {
      expect(await read(bill, type, 'micros_of')).toEqual(bill.map(attos))
      await session.set('texts', bill)
      expect(
        await session.rows(`SELECT micros_of_each(getvariable('texts')::${type}[])::VARCHAR[] AS amounts`),
      ).toEqual([{ amounts: await answers('micros_of', bill, type) }])
      expect(await answers('is_micros', bill, 'DOUBLE')).toEqual(bill.map(() => 'false'))
    })
  })

  test('a decimal is what it says', async () => {
    await ofEveryBill(numbers(digits(1, 19), digits(0, 18)), async (bill) => {
      expect((await answers('micros_of', bill, 'DECIMAL(38, 18)')).map((amount) => attos(amount ?? 'none'))).toEqual(
        bill.map(attos),
      )
    })
  })

  test('blank is no value, and a word no amount', async () => {
    expect(await answers('micros_of', ['', '0.1', ''], 'VARCHAR')).toEqual([null, '0.100000000000000000', null])
    await expect(answers('micros_of', ['0.1', 'none'], 'VARCHAR')).rejects.toThrow('Could not convert string "none"')
    await expect(answers('micros_of', ['NaN'], 'DOUBLE')).rejects.toThrow('Could not convert string "nan"')
  })

  const least = fc.integer({ min: -3, max: 3 }).map(BigInt)
  test.each([
    ['any amount', fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })],
    ['amounts below 1', fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })],
    ['amounts next to a millionth', fc.tuple(micros, least).map(([amount, more]) => amount * millionth + more)],
    [
      'amounts next to a millionth below 1',
      fc
        .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), least)
        .map(([amount, more]) => BigInt(amount) * millionth + more),
    ],
    [
      'amounts of seven decimals',
      fc
        .tuple(micros, fc.integer({ min: 0, max: 9 }))
        .map(([amount, more]) => amount * millionth + BigInt(more) * 10n ** 11n),
    ],
  ])('%s are whole when they have no digit after the sixth decimal', async (_name, amounts) => {
    await ofEveryBill(amounts, async (bill) => {
      const texts = bill.map((amount) => decimal(amount, 18))
      expect(await answers('whole_millionths', texts, 'DECIMAL(38, 18)')).toEqual(
        bill.map((amount) => String(amount % millionth === 0n)),
      )
    })
  })
})
