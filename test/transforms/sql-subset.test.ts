import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/**
 * `focus.sql` is to run on a distributed engine as well, so it keeps to SQL that all of them have. What only
 * DuckDB knows, or each engine spells its own way, belongs into `stage.sql` and the small tables before it.
 */
const beyondTheSubset: Readonly<Record<string, RegExp>> = {
  'a cast with ::': /::/,
  'a list, a map or an element of one': /\[|\]/,
  'a struct': /\{|\}|\b(struct_pack|row)\s*\(/i,
  'a lambda': /->/,
  unnest: /\bunnest\s*\(/i,
  'list or map functions': /\b(list|array|map)_\w+\s*\(|\bmap\s*\(/i,
  QUALIFY: /\bQUALIFY\b/i,
  'EXCLUDE, REPLACE or RENAME of columns': /\*\s*(EXCLUDE|REPLACE|RENAME)\b|\bEXCLUDE\s*\(/i,
  'GROUP BY ALL': /\b(GROUP|ORDER)\s+BY\s+ALL\b/i,
  'a try cast': /\btry(_cast)?\s*\(/i,
  getvariable: /\bgetvariable\s*\(/i,
  'COLUMNS(': /\bCOLUMNS\s*\(/i,
  'UNION BY NAME': /\bBY\s+NAME\b/i,
  'a regular expression': /\bregexp_\w+\s*\(|\bSIMILAR\s+TO\b|~/i,
  'PIVOT or UNPIVOT': /\b(UN)?PIVOT\b/i,
}

/** `file:line construct` for everything in the text that is beyond the subset; comments and texts do not count. */
function findBeyond(sql: string, file: string): string[] {
  const code = sql.replaceAll(/--[^\n]*|'(?:[^']|'')*'/g, (skipped) => skipped.replaceAll(/[^\n]/g, ' '))
  const lines = code.split('\n')
  const constructs = Object.entries(beyondTheSubset)
  return lines.flatMap((line, at) =>
    constructs.filter(([, pattern]) => pattern.test(line)).map(([name]) => `${file}:${at + 1} ${name}`),
  )
}

const folder = fileURLToPath(new URL('../../src/transforms', import.meta.url))
const files = readdirSync(folder)
  .map((provider) => `${provider}/focus.sql`)
  .filter((file) => existsSync(path.join(folder, file)))

test('there is a focus.sql to look at', () => {
  expect(files).toContain('aws/focus.sql')
})

test.each(files)('%s keeps to the subset', (file) => {
  expect(findBeyond(readFileSync(path.join(folder, file), 'utf8'), file)).toEqual([])
})

describe('the check itself', () => {
  test.each([
    ['SELECT x::INT', 'a cast with ::'],
    ['SELECT [1, 2]', 'a list, a map or an element of one'],
    ["SELECT {'a': 1}", 'a struct'],
    ['SELECT f(x -> x + 1)', 'a lambda'],
    ['SELECT unnest(x)', 'unnest'],
    ['SELECT list_sum(x)', 'list or map functions'],
    ['SELECT 1 QUALIFY rank() OVER () = 1', 'QUALIFY'],
    ['SELECT * REPLACE (1 AS a)', 'EXCLUDE, REPLACE or RENAME of columns'],
    ['SELECT * EXCLUDE (a)', 'EXCLUDE, REPLACE or RENAME of columns'],
    ['SELECT a GROUP BY ALL', 'GROUP BY ALL'],
    ['SELECT TRY_CAST(a AS INT)', 'a try cast'],
    ["SELECT getvariable('a')", 'getvariable'],
    ['SELECT COLUMNS(a)', 'COLUMNS('],
    ['SELECT 1 UNION ALL BY NAME SELECT 2', 'UNION BY NAME'],
    ["SELECT regexp_extract(a, 'b')", 'a regular expression'],
    ['UNPIVOT t ON a', 'PIVOT or UNPIVOT'],
  ])('finds %s', (sql, name) => {
    expect(findBeyond(`-- first line\n${sql}\n`, 'x.sql')).toEqual([`x.sql:2 ${name}`])
  })

  test('passes comments, texts and the functions that every engine has', () => {
    const sql = "-- a::b [c]\nSELECT 'x::y [z] {q}', replace(a, 'b', 'c'), coalesce(d, CAST(e AS INT)) FROM t -- ->\n"
    expect(findBeyond(sql, 'x.sql')).toEqual([])
  })
})
