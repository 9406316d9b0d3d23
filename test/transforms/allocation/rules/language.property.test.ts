import { tmpdir } from 'node:os'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession, type Session } from '../../../../src/core/duckdb.ts'
import { UserError } from '../../../../src/core/errors.ts'
import { chargeColumns } from '../../../../src/transforms/allocation/rules/columns.ts'
import { compileCondition, type Condition } from '../../../../src/transforms/allocation/expression/compile.ts'
import { implies } from '../../../../src/transforms/allocation/expression/implies.ts'

/** What must hold of every text. DuckDB's own parser is the judge of what the printed SQL is. */

let session: Session
beforeAll(async () => {
  session = await openSession({ memoryLimit: '512MB', threads: 1, tempDirectory: tmpdir() })
})
afterAll(() => session.close())

const scope = chargeColumns()
const compile = (text: string): Condition => compileCondition({ text, whereIs: () => ({}) }, scope)

function compiled(text: string): Condition | undefined {
  try {
    return compile(text)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return undefined
  }
}

const signs = "AND OR NOT IN IS NULL LIKE BETWEEN TRUE DATE ( ( ) ) , = <> < >= [ ] - ; -- /* */ * . :: $1 ? \" ' '' \\"
const names = "ServiceName RegionId BilledCost Tags Tags['a'] 'x' '2026-04-01' 5 0.5 lower coalesce starts_with"
const foreign = 'read_csv getenv SELECT FROM CASE UNION ATTACH \n \u0000'
const word = fc.constantFrom(...[signs, names, foreign].join(' ').split(' '))

/** Conditions over two columns with few values, so that chance meets the interesting ones. */
const condition = fc.letrec<{ leaf: string; node: string }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(
      'true',
      'false',
      "RegionId = 'a'",
      "RegionId <> 'a'",
      "RegionId IN ('a', 'b')",
      "RegionId IN ('b')",
      "RegionId NOT IN ('a')",
      "RegionId LIKE 'a%'",
      'RegionId IS NULL',
      'RegionId IS NOT NULL',
      "ServiceName = 'a'",
      'ServiceName = RegionId',
      'ServiceName IN (RegionId)',
      "lower(ServiceName) = 'a'",
      'ServiceName IS NOT NULL',
    ),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} AND ${b})`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${a} OR ${b})`),
    tie('node').map((a) => `NOT (${a})`),
  ),
})).node

async function parsedByDuckDB(sql: string): Promise<unknown> {
  const [row] = await session.rows<{ tree: string }>('SELECT json_serialize_sql($sql::VARCHAR) AS tree', {
    sql: `SELECT ${sql}`,
  })
  return JSON.parse(row?.tree ?? '')
}

const forms = new Set([
  'CONJUNCTION',
  'COMPARISON',
  'OPERATOR',
  'BETWEEN',
  'FUNCTION',
  'CAST',
  'COLUMN_REF',
  'CONSTANT',
])
const called = new Set(['lower', 'upper', 'trim', 'starts_with', 'ends_with', 'contains', 'json_extract_string', '~~'])

/** Everything in DuckDB's tree that no rule may become. */
function foreignParts(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(foreignParts)
  if (typeof tree !== 'object' || tree === null) return []
  const { class: form, function_name: name, column_names: columns } = tree as Record<string, unknown>
  const own = [
    typeof form === 'string' && !forms.has(form) ? form : [],
    typeof name === 'string' && !called.has(name) ? name : [],
    Array.isArray(columns) && (columns.length !== 1 || !scope.has(String(columns[0]))) ? columns.join('.') : [],
  ].flat()
  return [...own, ...Object.values(tree).flatMap(foreignParts)]
}

async function expectClosed(sql: string): Promise<void> {
  const tree = (await parsedByDuckDB(sql)) as {
    error: boolean
    statements: { node: { select_list: unknown[]; from_table: { type: string } } }[]
  }
  expect(tree.error).toBe(false)
  expect(tree.statements).toHaveLength(1)
  const [statement] = tree.statements
  expect(statement?.node.select_list).toHaveLength(1)
  expect(statement?.node.from_table.type).toBe('EMPTY')
  expect(foreignParts(statement?.node.select_list)).toEqual([])
}

test('whatever words are written, they are refused or become a condition of known parts', async () => {
  const text = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '))
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, condition), async (written) => {
      const result = compiled(written)
      if (result !== undefined) await expectClosed(result.expression.sql)
    }),
    { numRuns: 1500 },
  )
})

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

test('whatever text and key are compared, they stay a text and a key', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), async (key, value) => {
      const result = compiled(`Tags[${quoted(key)}] = ${quoted(value)}`)
      if (result === undefined) {
        expect(`${key}${value}`).toMatch(/\p{Cc}|\p{Cs}/u)
        return
      }
      await expectClosed(result.expression.sql)
      const tags = JSON.stringify({ [key]: value, [`${key}x`]: 'other' })
      const matched = `SELECT ${result.expression.sql} AS match FROM (SELECT $tags::VARCHAR AS "Tags")`
      const [row] = await session.rows<{ match: boolean }>(matched, { tags })
      expect(row?.match).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('a rule that is called unreachable matches nothing that the rule before it does not', async () => {
  const domain =
    "(VALUES ('a'), ('b'), ('A'), (NULL)) AS r(\"RegionId\"), (VALUES ('a'), ('b'), ('A'), (NULL)) AS s(\"ServiceName\")"
  let implied = 0
  await fc.assert(
    fc.asyncProperty(condition, condition, async (narrow, wide) => {
      const [first, second] = [compile(narrow), compile(wide)]
      if (!implies(first.node, second.node)) return
      implied += 1
      const missed = `(${first.expression.sql}) AND (${second.expression.sql}) IS NOT TRUE`
      expect(await session.rows(`SELECT * FROM ${domain} WHERE ${missed}`)).toEqual([])
    }),
    { numRuns: 3000 },
  )
  expect(implied).toBeGreaterThan(100)
})
