import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { temporaryFolderOfFile } from '../aws/temporary-folder.ts'

const folder = temporaryFolderOfFile()
let session: Session

beforeAll(async () => {
  session = await openSession({ memoryLimit: '1GB', threads: 1, tempDirectory: path.join(folder(), 'spill') })
  for (const file of ['macros.sql', 'azure/macros.sql'])
    await session.run(readFileSync(new URL(`../../../src/transforms/${file}`, import.meta.url), 'utf8'))
})
afterAll(() => session.close())

async function valueOf(sql: string): Promise<unknown> {
  const [row] = await session.rows<{ value: unknown }>(`SELECT ${sql} AS value`)
  return row?.value
}

test.each([
  [' blanks  within ', 'blanks  within'],
  ['no blanks', 'no blanks'],
  ['\u00a0no-break space\u00a0', 'no-break space'],
  ['Münchner Server ', 'Münchner Server'],
  ['   ', null],
  ['', null],
])('text without the blanks around it: %j', async (text, expected) => {
  expect(await valueOf(`trimmed(${quoteText(text)})`)).toBe(expected)
})

test.each([
  ['/subscriptions/1/providers/Microsoft.Sql/servers/a/databases/b', 'microsoft.sql/servers/databases', 'b'],
  ['/subscriptions/1/resourceGroups/r/providers/Microsoft.Web/sites/shop/', 'microsoft.web/sites', 'shop'],
  // A resource of one provider may lie in a resource of another: the last one says what it is.
  ['/s/providers/A.B/c/d/providers/Microsoft.Insights/components/e', 'microsoft.insights/components', 'e'],
  ['/subscriptions/1/resourceGroups/r', null, 'r'],
  ['virtual machine', null, null],
])('a resource id: %s', async (id, type, name) => {
  expect(await valueOf(`resource_type_of(${quoteText(id)})`)).toBe(type)
  expect(await valueOf(`resource_name_of(${quoteText(id)})`)).toBe(name)
})

test.each([
  ['{"env": "prod", "team":"data"}', '{"env":"prod","team":"data"}'],
  ['{"env": ""}', '{"env":true}'],
  ['{"env": null, "size": 2}', '{"env":true,"size":2}'],
  ['{"env": "a", "env": "b"}', '{"env":"b"}'],
  ['{"owner": {"name": "x"}}', '{"owner":"{\\"name\\":\\"x\\"}"}'],
  // Texts that look like what is replaced in others.
  ['{"a": "x\\":\\"\\"", "b": "\\":null"}', '{"a":"x\\":\\"\\"","b":"\\":null"}'],
  ['{}', null],
])('a flat object: %s', async (text, expected) => {
  expect(await valueOf(`flat_object(${quoteText(text)})`)).toBe(expected)
})

/** Of each price and quantity. */
async function products(factors: readonly (readonly [string, string])[]): Promise<string[]> {
  await session.set(
    'prices',
    factors.map(([price]) => price),
  )
  await session.set(
    'quantities',
    factors.map(([, quantity]) => quantity),
  )
  const rows = await session.rows<{ product: string }>(`
    SELECT times(amount_of(p), double_of(p), amount_of(q), double_of(q))::VARCHAR AS product
    FROM (SELECT unnest(getvariable('prices')) AS p, unnest(getvariable('quantities')) AS q)`)
  return rows.map(({ product }) => product)
}

describe('price times quantity', () => {
  /** A decimal as `[unscaled, decimals]`. */
  const decimal = (largest: bigint, decimals: number) =>
    fc.tuple(fc.bigInt({ min: -largest, max: largest }), fc.integer({ min: 4, max: decimals }))
  const pairs = (largest: bigint, decimals: number) =>
    fc.array(fc.tuple(decimal(largest, decimals), decimal(largest, decimals)), { minLength: 20, maxLength: 20 })
  const text = ([unscaled, decimals]: readonly [bigint, number]) => {
    const padded = String(unscaled < 0n ? -unscaled : unscaled).padStart(decimals + 1, '0')
    const cut = padded.length - decimals
    return `${unscaled < 0n ? '-' : ''}${padded.slice(0, cut)}.${padded.slice(cut)}`
  }
  test('is exact for nine decimals each', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(10n ** 11n, 9), async (factors) => {
        const exact = factors.map(([price, quantity]) =>
          text([price[0] * quantity[0] * 10n ** BigInt(18 - price[1] - quantity[1]), 18]),
        )
        expect(await products(factors.map(([price, quantity]) => [text(price), text(quantity)]))).toEqual(exact)
      }),
      { numRuns: 20 },
    )
  })

  test('is within 1e-12, and the rounding of doubles, for more', async () => {
    await fc.assert(
      fc.asyncProperty(pairs(10n ** 11n, 15), async (factors) => {
        const texts = factors.map(([price, quantity]) => [text(price), text(quantity)] as const)
        const made = (await products(texts)).map(Number)
        const far = texts.filter(([price, quantity], at) => {
          const expected = Number(price) * Number(quantity)
          return Math.abs((made[at] ?? NaN) - expected) > 1e-12 + 1e-15 * Math.abs(expected)
        })
        expect(far).toEqual([])
      }),
      { numRuns: 20 },
    )
  })
})
