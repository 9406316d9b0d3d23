import { quoteIdentifier, type Session } from '../core/duckdb.ts'
import { readBeside } from '../core/sql.ts'
import type { GroupRule, Rule } from './rules.ts'

/** Makes known what the SQL of rules calls. Other sessions on the same database do not see it. */
export async function defineRuleMacros(session: Session): Promise<void> {
  await session.run(readBeside(import.meta.url, 'macros.sql'))
}

/**
 * A SELECT of the rows that offend a rule, with all columns of `relation`: a table or view name, a table
 * function or a parenthesised query. It needs every column that the rule names (`rule.columns`).
 */
export function violationsSql(rule: Rule, relation: string): string {
  if (rule.kind === 'row') return `SELECT * FROM ${relation} WHERE ${rule.violation}`
  return `SELECT * FROM ${relation} SEMI JOIN (${offendingGroupsSql(rule, relation)}) USING (${names(rule.group)})`
}

/** The groups that hold more than one value, or row. Comparing the smallest with the largest is cheaper than counting. */
export function offendingGroupsSql(rule: GroupRule, relation: string): string {
  const value = rule.distinct === undefined ? undefined : quoteIdentifier(rule.distinct)
  const complete = rule.group.map((name) => `${quoteIdentifier(name)} IS NOT NULL`).join(' AND ')
  return (
    `SELECT ${names(rule.group)} FROM ${relation} WHERE ${complete} ` +
    `GROUP BY ${names(rule.group)} HAVING ${value === undefined ? 'count(*) > 1' : `min(${value}) <> max(${value})`}`
  )
}

function names(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(', ')
}
