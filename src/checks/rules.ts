import { focusSchema, readSchemaFile, type FocusColumn, type FocusSchema, type FocusVersion } from '../core/focus.ts'
import { quoteText } from '../core/duckdb.ts'

/** The rules of a FOCUS version as data; `schemas/focus/rules.json` says what its fields mean. */

export type Keyword = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT'

interface RuleFacts {
  /** Of the FOCUS requirements model, without the CAU- that it writes from 1.3 on; or focal's own (`focal-…`). */
  readonly id: string
  readonly column: string
  readonly keyword: Keyword
  readonly text: string
}

export interface RowRule extends RuleFacts {
  readonly kind: 'row'
  /** DuckDB SQL over FOCUS columns: true on an offending row, false on any other, never null. */
  readonly violation: string
  /** Every column that `violation` reads, `column` first. */
  readonly columns: readonly string[]
  /** Few distinct values decide, so one evaluation for each is enough. */
  readonly perValue: boolean
  /** Reads a text column as it was written before it was parsed, see `writtenColumn`. */
  readonly fromText: boolean
}

export interface GroupRule extends RuleFacts {
  readonly kind: 'group'
  /** Rows that agree in all of these, none of them null, belong together. */
  readonly group: readonly string[]
  /** The column that holds at most one value per group, nulls apart. */
  readonly distinct: string
  readonly columns: readonly string[]
}

export type Rule = RowRule | GroupRule

/** Every rule whose columns the version has, row rules first. */
export function focusRules(version: FocusVersion): readonly Rule[] {
  const known = rulesOf.get(version)
  if (known !== undefined) return known
  const schema = focusSchema(version)
  const file = readSchemaFile('rules.json') as RulesFile
  const inVersion = (rule: WrittenRule) => (rule.since ?? version) <= version && version <= (rule.until ?? version)
  const rules = [
    ...file.rows.filter(inVersion).flatMap((rule) => rowRules(rule, schema)),
    ...file.groups.filter(inVersion).flatMap((rule) => groupRules(rule, schema)),
  ]
  rulesOf.set(version, rules)
  return rules
}

const rulesOf = new Map<FocusVersion, readonly Rule[]>()

/** What `{provider}` stands for: the column that tells providers apart in one table. */
export function providerColumn(schema: FocusSchema): string {
  return schema.columns.some(({ id }) => id === 'ProviderName') ? 'ProviderName' : 'ServiceProviderName'
}

/** Name under which a text column that should hold numbers or times is kept as it was written. */
export function writtenColumn(column: string): string {
  return `${column} as written`
}

/** The columns of `schema` that a SQL expression names, in the order of the schema. */
export function mentionedColumns(sql: string, schema: FocusSchema): readonly string[] {
  const words = new Set(sql.replaceAll(/'(?:[^']|'')*'/g, '').match(/\w+/g))
  return schema.columns.map(({ id }) => id).filter((id) => words.has(id))
}

interface WrittenRule {
  readonly id: string
  readonly keyword: Keyword
  readonly text: string
  readonly since?: FocusVersion
  readonly until?: FocusVersion
}

interface WrittenRowRule extends WrittenRule {
  readonly column?: string
  readonly each?: FocusColumn['type'] | 'key-value'
  readonly violation: string
  readonly perValue?: true
  readonly fromText?: true
}

interface WrittenGroupRule extends WrittenRule {
  readonly column: string
  readonly group: readonly string[]
  readonly distinct: string
}

interface RulesFile {
  readonly rows: readonly WrittenRowRule[]
  readonly groups: readonly WrittenGroupRule[]
}

function rowRules(written: WrittenRowRule, schema: FocusSchema): RowRule[] {
  const { column: only, each, perValue = false, fromText = false } = written
  const columns = schema.columns.filter(
    ({ id, type, format }) => id === only || (each !== undefined && (type === each || format === each)),
  )
  return columns.map((column) => {
    const violation = fillIn(written.violation, column)
    const others = mentionedColumns(violation, schema).filter((id) => id !== column.id)
    return {
      kind: 'row',
      id: each === undefined ? written.id : `${written.id}:${column.id}`,
      column: column.id,
      keyword: written.keyword,
      text: written.text.replaceAll('{column}', column.id),
      violation: `coalesce(${violation}, false)`,
      columns: [column.id, ...others],
      perValue,
      fromText,
    }
  })
}

function fillIn(violation: string, { id, allowedValues = [], parents }: FocusColumn): string {
  const pairs = Object.entries(parents?.of ?? {}).map(([value, parent]) => `${parent} > ${value}`)
  return violation
    .replaceAll('{column}', id)
    .replaceAll('{written}', `"${writtenColumn(id)}"`)
    .replaceAll('{allowedValues}', () => texts(allowedValues))
    .replaceAll('{parents}', () => texts(pairs))
    .replaceAll('{currencies}', () => texts((readSchemaFile('currencies.json') as { codes: string[] }).codes))
}

function texts(values: readonly string[]): string {
  return values.map(quoteText).join(', ')
}

function groupRules(written: WrittenGroupRule, schema: FocusSchema): GroupRule[] {
  const { id, column, keyword, text, distinct } = written
  const group = written.group.map((name) => (name === '{provider}' ? providerColumn(schema) : name))
  const columns = [...group, distinct]
  if (!columns.every((name) => schema.columns.some((known) => known.id === name))) return []
  return [{ kind: 'group', id, column, keyword, text, group, distinct, columns }]
}
