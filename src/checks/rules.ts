import { readSchemaFile, type FocusColumn, type FocusVersion } from '../core/focus.ts'
import { costAndUsage, datasetOf, providerColumn, type Dataset } from './dataset.ts'
import { fillIn, type RuleLists } from './placeholders.ts'

/** The rules of a FOCUS dataset as data; `schemas/focus/rules.json` says what its fields mean. */

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
  /** DuckDB SQL over FOCUS columns: true on an offending row, false or null on any other. */
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
  /** The column that holds at most one value per group, nulls apart; undefined where a group is one row. */
  readonly distinct: string | undefined
  readonly columns: readonly string[]
}

export type Rule = RowRule | GroupRule

/** Every rule of a dataset whose columns the version has, row rules first. */
export function focusRules(version: FocusVersion, dataset: string = costAndUsage): readonly Rule[] {
  const key = `${version} ${dataset}`
  const known = rulesOf.get(key)
  if (known !== undefined) return known
  const schema = datasetOf(version, dataset)
  const file = readSchemaFile('rules.json') as RulesFile
  const rules = [
    ...file.rows.filter((rule) => belongsTo(rule, schema)).flatMap((rule) => rowRules(rule, schema, file)),
    ...file.groups.filter((rule) => belongsTo(rule, schema)).flatMap((rule) => groupRules(rule, schema)),
  ]
  rulesOf.set(key, rules)
  return rules
}

const rulesOf = new Map<string, readonly Rule[]>()

function belongsTo(rule: WrittenRule, { version, dataset }: Dataset): boolean {
  const { dataset: of = costAndUsage, since = version, until = version } = rule
  const named = of === 'any' || of === dataset || (of === 'others' && dataset !== costAndUsage)
  return named && since <= version && version <= until
}

/** The columns of a dataset that a SQL expression names, in its order. */
function mentionedColumns(sql: string, schema: Dataset): readonly string[] {
  const words = new Set(sql.replaceAll(/'(?:[^']|'')*'/g, '').match(/\w+/g))
  return schema.columns.map(({ id }) => id).filter((id) => words.has(id))
}

interface WrittenRule {
  readonly id: string
  readonly keyword: Keyword
  readonly text: string
  readonly since?: FocusVersion
  readonly until?: FocusVersion
  /** A dataset, `any` or `others`; Cost and Usage where it is not given. */
  readonly dataset?: string
}

interface WrittenRowRule extends WrittenRule {
  readonly column?: string
  readonly each?: ColumnKind
  readonly violation: string
  readonly perValue?: true
  readonly fromText?: true
}

interface WrittenGroupRule extends WrittenRule {
  readonly column: string
  readonly group: readonly string[]
  readonly distinct?: string
}

interface RulesFile extends RuleLists {
  readonly rows: readonly WrittenRowRule[]
  readonly groups: readonly WrittenGroupRule[]
}

/** What columns a rule is repeated for. */
type ColumnKind = FocusColumn['type'] | 'key-value' | 'object' | 'unit' | 'required' | 'enumerated'

function isOfKind({ id, type, format, nullable, allowedValues }: FocusColumn, kind: ColumnKind): boolean {
  if (kind === 'unit') return type === 'string' && id.endsWith('Unit')
  if (kind === 'required') return !nullable
  if (kind === 'enumerated') return allowedValues !== undefined
  return type === kind || format === kind
}

function rowRules(written: WrittenRowRule, schema: Dataset, lists: RuleLists): RowRule[] {
  const { column: only, each, perValue = false, fromText = false } = written
  const columns = schema.columns.filter((column) => (each === undefined ? column.id === only : isOfKind(column, each)))
  return columns.map((column) => {
    const violation = fillIn(written.violation, column, lists)
    const others = mentionedColumns(violation, schema).filter((id) => id !== column.id)
    return {
      kind: 'row',
      id: each === undefined ? written.id : `${written.id}:${column.id}`,
      column: column.id,
      keyword: written.keyword,
      text: written.text.replaceAll('{column}', column.id),
      violation,
      columns: [column.id, ...others],
      perValue,
      fromText,
    }
  })
}

function groupRules(written: WrittenGroupRule, schema: Dataset): GroupRule[] {
  const { id, column, keyword, text, distinct } = written
  const group = written.group.map((name) => (name === '{provider}' ? (providerColumn(schema) ?? name) : name))
  const columns = distinct === undefined ? group : [...group, distinct]
  if (!columns.every((name) => schema.columns.some((known) => known.id === name))) return []
  return [{ kind: 'group', id, column, keyword, text, group, distinct, columns }]
}
