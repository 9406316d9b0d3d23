import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/core/duckdb.ts'
import { temporaryFolderOfFile } from './aws/temporary-folder.ts'

/** The macros that read amounts, against exact integer arithmetic. */

const macros = fileURLToPath(new URL('../../src/transforms/macros.sql', import.meta.url))
const folder = temporaryFolderOfFile()
let session: Session

beforeAll(async () => {
  session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory: path.join(folder(), 'spill') })
  await session.run(readFileSync(macros, 'utf8'))
})
afterAll(() => session.close())

/** A decimal text as an integer of 1e-18, halves away from zero. */
function attos(text: string): bigint {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = BigInt(whole + fraction || '0')
  const shift = 18 + Number(exponent) - fraction.length
  const magnitude = shift >= 0 ? digits * 10n ** BigInt(shift) : halfUp(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -magnitude : magnitude
}

function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

/** What the macro makes of each text, read as the type, as integers of 1e-18. */
async function read(texts: readonly string[], type: 'VARCHAR' | 'DOUBLE'): Promise<bigint[]> {
  await session.set('texts', texts)
  const rows = await session.rows<{ amount: string }>(
    `SELECT amount_of(text::${type})::VARCHAR AS amount FROM (SELECT unnest(getvariable('texts')) AS text)`,
  )
  return rows.map(({ amount }) => attos(amount))
}

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), minLength: min, maxLength: max })
const sign = fc.constantFrom('', '-')
const plain = fc
  .tuple(sign, digits(1, 19), digits(0, 28))
  .map(([s, whole, fraction]) => (fraction === '' ? s + whole : `${s}${whole}.${fraction}`))
const short = fc
  .tuple(sign, digits(1, 7), digits(0, 14))
  .map(([s, whole, fraction]) => (fraction === '' ? s + whole : `${s}${whole}.${fraction}`))
const scientific = fc
  .tuple(sign, digits(1, 1), digits(0, 16), fc.constantFrom('E', 'e'), fc.integer({ min: -120, max: 17 }))
  .map(([s, whole, fraction, e, power]) => `${s}${whole}${fraction === '' ? '' : `.${fraction}`}${e}${power}`)

describe('amounts', () => {
  test.each([
    ['texts of any length', plain],
    ['texts at the edge of the fast road', short],
    ['texts with an exponent', scientific],
  ])('%s are read to the last digit', async (_name, texts) => {
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 300 }), async (bill) => {
        expect(await read(bill, 'VARCHAR')).toEqual(bill.map(attos))
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['any double', fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e19, max: 1e19 })],
    ['doubles that were decimals', fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }).map((x) => x / 1e10)],
    ['doubles at the edge of the fast road', fc.integer({ min: 0, max: 90_000_000 }).map((x) => 8190 + x / 1e5)],
    ['sums, which carry noise', fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => a / 1000 + b / 10_000_000)],
  ])('%s are the decimal of their shortest text', async (_name, doubles) => {
    await fc.assert(
      fc.asyncProperty(fc.array(doubles, { minLength: 1, maxLength: 300 }), async (bill) => {
        const texts = bill.map(String)
        expect(await read(texts, 'DOUBLE')).toEqual(texts.map(attos))
      }),
      { numRuns: 60 },
    )
  })

  test.each(['1,234.50', '12 USD', '1.2.3', 'NaN', 'Infinity', '1e40', '123456789012345678901', '--1', '0x10', 'E-5'])(
    '%s is no amount, and never a guess',
    async (text) => {
      await expect(read([text], 'VARCHAR')).rejects.toThrow('Conversion Error: Could not convert string')
    },
  )

  test('blank is no value', async () => {
    expect(await session.rows("SELECT amount_of('') AS amount")).toEqual([{ amount: null }])
  })
})
