import { beforeAll, describe, expect, test } from 'vitest'
import { checkFocus, defineRuleMacros, violationsSql, type RowRule } from '../../src/checks/index.ts'
import { countOffenders } from '../../src/checks/measure.ts'
import { subjectOf, tableColumns, type Subject } from '../../src/checks/subject.ts'
import { quoteText } from '../../src/core/duckdb.ts'
import { focusSchema, focusVersions, type FocusVersion } from '../../src/core/focus.ts'
import { kinds, relationOf, rowRules, sharedSession, type FocusRow } from './focus-rows.ts'

/** What a rule says of a row that lacks a value: where its SQL is null, nothing is violated. */

const session = sharedSession()

beforeAll(async () => defineRuleMacros(session()))

/** A row without any value, and rows that lack one each; the names say which. */
function rowsWithNulls(version: FocusVersion): FocusRow[] {
  const columns = focusSchema(version).columns.map(({ id }) => id)
  const lacking = Object.entries(kinds).flatMap(([name, row]) =>
    columns
      .filter((column) => typeof row[column] === 'string')
      .map((column): FocusRow => ({ ...row, [column]: null, x_Row: `${name} without ${column}` })),
  )
  return [{ x_Row: 'without anything' }, ...lacking]
}

/** Leaves the rows as a table of text, so that rules on written values apply too; gives them as the rules read them. */
async function subjectOfNulls(version: FocusVersion): Promise<Subject> {
  await session().run(
    `CREATE OR REPLACE TABLE rows_with_nulls AS FROM ${relationOf(version, rowsWithNulls(version), false)}`,
  )
  const columns = await tableColumns(session(), 'rows_with_nulls')
  const subject = subjectOf('rows_with_nulls', columns, focusSchema(version))
  await session().run(`CREATE OR REPLACE TABLE subject AS FROM ${subject.sql}`)
  return { ...subject, sql: 'subject' }
}

/** Names, by rule id, of the rows that a SELECT for each rule finds; one query asks for all of them. */
async function namesByRule(
  rules: readonly RowRule[],
  select: (rule: RowRule) => string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const selects = rules.map((rule) => `SELECT ${quoteText(rule.id)} AS id, x_Row AS name FROM (${select(rule)})`)
  const rows = await session().rows<{ id: string; name: string }>(`${selects.join(' UNION ALL ')} ORDER BY id, name`)
  const found = Map.groupBy(rows, ({ id }) => id)
  return new Map(rules.map(({ id }) => [id, (found.get(id) ?? []).map(({ name }) => name)]))
}

const rowsWhere = (condition: string) => `SELECT * FROM subject WHERE ${condition}`

describe.each(focusVersions)('FOCUS %s', (version) => {
  const rules = rowRules(version)
  let subject: Subject
  let violated: ReadonlyMap<string, readonly string[]>
  beforeAll(async () => {
    subject = await subjectOfNulls(version)
    violated = await namesByRule(rules, ({ violation }) => rowsWhere(`coalesce((${violation}), FALSE)`))
  })

  test('there are rows for which a violation is null', async () => {
    const unknown = await namesByRule(rules, ({ violation }) => rowsWhere(`(${violation}) IS NULL`))
    expect(unknown.get('ListCost-C-008-C')).toEqual([
      'credit without BilledCost',
      'credit without ListCost',
      'without anything',
    ])
  })

  test('no such row offends', async () => {
    expect(await namesByRule(rules, (rule) => violationsSql(rule, 'subject'))).toEqual(violated)
  })

  test('no such row is counted', async () => {
    const { offenders } = await countOffenders(session(), subject, rules)
    expect(rules.map(({ id }) => [id, offenders.get(id)])).toEqual(
      [...violated].map(([id, names]) => [id, names.length]),
    )
  })

  test('no such row is reported', async () => {
    const expected = rules.map(({ id, keyword }) => {
      const rows = violated.get(id)?.length ?? 0
      return { id, rows, outcome: rows === 0 ? 'passed' : keyword.startsWith('SHOULD') ? 'warned' : 'failed' }
    })
    const results = await checkFocus(session(), 'rows_with_nulls', version, [], { textFile: true })
    const reported = results.filter(({ kind }) => kind === 'row')
    expect(reported.map(({ id, rows, outcome }) => ({ id, rows, outcome }))).toEqual(expected)
  })
})
