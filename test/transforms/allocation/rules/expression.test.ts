import { describe, expect, test } from 'vitest'
import { describeError, UserError } from '../../../../src/core/errors.ts'
import { chargeColumns } from '../../../../src/transforms/allocation/rules/columns.ts'
import { compileCondition } from '../../../../src/transforms/allocation/expression/compile.ts'

const scope = new Map([...chargeColumns(), ['team', 'text'] as const])

const whereIs = (offset: number) => ({ file: 'allocation.yaml', column: String(offset + 1) })

function compile(text: string) {
  return compileCondition({ text, whereIs }, scope).expression
}

function mistakeIn(text: string): string {
  try {
    compile(text)
  } catch (error) {
    expect(error).toBeInstanceOf(UserError)
    return describeError(error)
  }
  throw new Error(`${text} was taken`)
}

describe('as SQL', () => {
  test.each([
    ["ChargeCategory = 'Tax'", `("ChargeCategory" = 'Tax')`],
    ["ServiceName != 'it''s'", `("ServiceName" <> 'it''s')`],
    ['BilledCost >= -1.50', `("BilledCost" >= CAST('-1.50' AS DECIMAL(38,18)))`],
    ["ChargePeriodStart < DATE '2026-04-01'", `("ChargePeriodStart" < CAST('2026-04-01 00:00:00+00' AS TIMESTAMPTZ))`],
    [
      "ChargePeriodStart BETWEEN TIMESTAMP '2026-04-01 12:00:00' AND DATE '2026-05-01'",
      `("ChargePeriodStart" BETWEEN CAST('2026-04-01 12:00:00+00' AS TIMESTAMPTZ) AND CAST('2026-05-01 00:00:00+00' AS TIMESTAMPTZ))`,
    ],
    ["SubAccountId not in ('1', '2')", `(NOT ("SubAccountId" IN ('1', '2')))`],
    ["ResourceName LIKE 'prod-%'", `("ResourceName" LIKE 'prod-%')`],
    ["Tags['user:team/a~b'] IS NOT NULL", `(NOT (json_extract_string("Tags", '/user:team~1a~0b') IS NULL))`],
    ["lower(Tags['team']) = team", `(lower(json_extract_string("Tags", '/team')) = "team")`],
    ["Starts_With(ResourceId, 'i-')", `starts_with("ResourceId", 'i-')`],
    ["coalesce(team, RegionId, 'none') = source", `(coalesce("team", "RegionId", 'none') = "source")`],
    [
      "team = 'a' OR team = 'b' AND NOT team IS NULL",
      `(("team" = 'a') OR (("team" = 'b') AND (NOT ("team" IS NULL))))`,
    ],
    ["(team = 'a' OR team = 'b') AND true", `((("team" = 'a') OR ("team" = 'b')) AND TRUE)`],
    ['Tags IS NULL', `("Tags" IS NULL)`],
  ])('%s', (text, sql) => {
    expect(compile(text)).toMatchObject({ text, sql })
  })

  test('with what it reads, each once', () => {
    const text = "team IN ('a', ServiceName) AND Tags['b'] = team OR BilledCost BETWEEN 0 AND ListCost"
    expect(compile(text).reads).toEqual(['team', 'ServiceName', 'Tags', 'BilledCost', 'ListCost'])
  })
})

const at = (column: number) => `\n  where: file allocation.yaml, column ${column}\n  hint: `
const see = 'docs/allocation.md shows how expressions are written.'

describe('refused, with the place and what to do', () => {
  test.each([
    ['', `the expression is empty${at(1)}Write a condition, or true.`],
    ["ServiceNme = 'x'", `there is no column or dimension ServiceNme${at(1)}Did you mean ServiceName?`],
    ["servicename = 'x'", `there is no column or dimension servicename${at(1)}Did you mean ServiceName?`],
    ["taem = 'x'", `there is no column or dimension taem${at(1)}Did you mean Tags or team?`],
    ["Wonder = 'x'", `there is no column or dimension Wonder${at(1)}docs/allocation.md lists what there is.`],
    ["true AND uper(team) = 'X'", `there is no function uper${at(10)}Did you mean upper?`],
    ["read_csv('/etc/passwd') = 'x'", `there is no function read_csv${at(1)}docs/allocation.md lists what there is.`],
    ["lower(team, team) = 'x'", `lower takes one input, not 2${at(1)}Write lower(ServiceName).`],
    [
      "coalesce(team) = 'x'",
      `coalesce takes two inputs or more, not 1${at(1)}Write coalesce(Tags['team'], Tags['Team']).`,
    ],
    ["lower(BilledCost) = 'x'", `lower takes text, and this is a number${at(7)}Use it with AND, OR and NOT only.`],
    ['team', `this is text, not a condition${at(1)}Compare it with something.`],
    ["team = 'a' AND BilledCost", `this is a number, not a condition${at(16)}Compare it with something.`],
    ['team = NULL', `a comparison with NULL is never a match${at(8)}Write IS NULL or IS NOT NULL.`],
    ["team IN ('a', NULL)", `a comparison with NULL is never a match${at(15)}Write IS NULL or IS NOT NULL.`],
    ['team = 5', `a number is compared with text${at(8)}Texts are written 'so', numbers 1.5, days DATE '2026-04-01'.`],
    [
      "ChargePeriodStart > '2026-04-01'",
      `text is compared with a time${at(21)}Texts are written 'so', numbers 1.5, days DATE '2026-04-01'.`,
    ],
    ["Tags = 'x'", `an object cannot be compared${at(1)}Read one key of it, such as Tags['team'].`],
    ["(team = 'a') = true", `true or false cannot be compared${at(2)}Use it with AND, OR and NOT only.`],
    ["ServiceName['x'] = 'y'", `ServiceName has no keys${at(1)}It is text: compare it as it is.`],
    ["Tags[team] = 'y'", `there is team where a key in quotes, such as 'team' should be${at(6)}${see}`],
    ['team LIKE RegionId', `a pattern is a text in quotes${at(11)}Write it as 'prod-%'.`],
    ['true IS NULL', `this is true or false and never missing${at(1)}Ask it of a column or a tag.`],
    ["team = 'a", `a text has no closing quote${at(8)}Close it with '; a quote within is written twice.`],
    ['team = "a"', `a text is in double quotes${at(8)}Write 'text' in single quotes, and names without.`],
    [
      "team = 'a'; DROP TABLE x",
      `";" means nothing here${at(11)}docs/allocation.md lists what an expression may hold.`,
    ],
    ["team = 'a\tb'", `a text holds a control character${at(8)}Write the text on one line, without tabs.`],
    ["team = 'a' RegionId", `there is RegionId where AND, OR or the end should be${at(12)}${see}`],
    ['team = ', `the expression ends where a column, a value or ( should be${at(8)}${see}`],
    ['(team = team', `the expression ends where ) should be${at(13)}${see}`],
    ['team IS 5', `there is 5 where NULL should be${at(9)}${see}`],
    ['team NOT NULL', `there is NULL where IN, LIKE or BETWEEN should be${at(10)}${see}`],
    ['team IN ()', `there is ) where a column, a value or ( should be${at(10)}${see}`],
    ["ChargePeriodStart > DATE '2026-02-30'", `this is not a date${at(21)}Write DATE '2026-04-01'.`],
    [
      "ChargePeriodStart > TIMESTAMP '2026-02-03'",
      `this is not a timestamp${at(21)}Write TIMESTAMP '2026-04-01 12:00:00', which is UTC.`,
    ],
    [
      'BilledCost > 0.1234567890123456789',
      `the number is too long${at(14)}Amounts have at most 20 digits before the point and 18 after.`,
    ],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, `the expression nests too deeply${at(102)}Use IN (…) or a dimension.`],
  ])('%s', (text, message) => {
    expect(mistakeIn(text)).toBe(message)
  })
})
