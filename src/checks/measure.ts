import { quoteIdentifier, type Session } from '../core/duckdb.ts'
import type { KnownGap } from './known-gaps.ts'
import { writtenColumn } from './placeholders.ts'
import type { GroupRule, RowRule, Rule } from './rules.ts'
import type { Subject } from './subject.ts'
import { offendingGroupsSql, violationsSql } from './violations.ts'

/** The questions put to the data. Counts come as text from DuckDB, exact and small enough for numbers. */

const sampleSize = 5

export interface Totals {
  readonly rows: number
  /** Sum of the absolute values of BilledCost; a double, for nothing but the share of cost that a rule concerns. */
  readonly cost: number
}

/** Offending rows of every row rule, by rule id, and the table's totals. One scan, and one more per set of `perValue` columns. */
export async function countOffenders(session: Session, subject: Subject, rules: readonly RowRule[]) {
  const inScan = rules.filter(({ perValue }) => !perValue)
  // A CASE goes on only with the rows that the first of several conditions leaves; count_if works out all of them.
  const counts = inScan.map(({ violation }, index) => `count(CASE WHEN ${violation} THEN 1 END) AS r${index}`)
  const totals = ['count(*) AS total', `coalesce(sum(abs(${subject.cost})), 0) AS cost`]
  const row = await oneRow(session, `SELECT ${[...totals, ...counts].join(', ')} FROM ${subject.sql}`)
  const offenders = new Map(inScan.map(({ id }, index) => [id, Number(row[`r${index}`])]))
  for (const sameColumns of Map.groupBy(
    rules.filter(({ perValue }) => perValue),
    ({ columns }) => columns.join(),
  ).values()) {
    for (const [id, count] of await countByValue(session, subject, sameColumns)) offenders.set(id, count)
  }
  return { totals: { rows: Number(row['total']), cost: Number(row['cost']) }, offenders }
}

async function countByValue(
  session: Session,
  subject: Subject,
  rules: readonly RowRule[],
): Promise<[string, number][]> {
  const columns = (rules[0]?.columns ?? []).map(quoteIdentifier).join(', ')
  const counts = rules.map(
    ({ violation }, index) => `coalesce(sum(occurrences) FILTER (WHERE ${violation}), 0) AS r${index}`,
  )
  const values = `(SELECT ${columns}, count(*) AS occurrences FROM ${subject.sql} GROUP BY ${columns})`
  const row = await oneRow(session, `SELECT ${counts.join(', ')} FROM ${values}`)
  return rules.map(({ id }, index) => [id, Number(row[`r${index}`])])
}

/** Whether any group offends; what exactly is measured only then. */
export async function anyGroupOffends(session: Session, subject: Subject, rule: GroupRule): Promise<boolean> {
  return (await session.rows(`${offendingGroupsSql(rule, subject.sql)} LIMIT 1`)).length > 0
}

export interface Offence {
  readonly rows: number
  /** As `Totals.cost`, of the offending rows. */
  readonly cost: number
  readonly known: number
  readonly gaps: readonly { readonly id: string; readonly reason: string; readonly rows: number }[]
}

/** How much a broken rule concerns, and what of it the gaps explain. Its cost is a double, as in `Totals`. */
export async function measureOffence(
  session: Session,
  subject: Subject,
  rule: Rule,
  gaps: readonly KnownGap[],
): Promise<Offence> {
  const perGap = gaps.map(({ where }, index) => `count_if(${where}) AS g${index}`)
  const select = [
    'count(*) AS offenders',
    `sum(abs(${subject.cost})) AS cost`,
    `count_if(${covered(gaps)}) AS known`,
    ...perGap,
  ]
  const row = await oneRow(session, `SELECT ${select.join(', ')} FROM (${violationsSql(rule, subject.sql)})`)
  return {
    rows: Number(row['offenders']),
    cost: Number(row['cost']),
    known: Number(row['known']),
    gaps: gaps
      .map(({ id, reason }, index) => ({ id, reason, rows: Number(row[`g${index}`]) }))
      .filter(({ rows }) => rows > 0),
  }
}

/** A few offending rows, those that no gap covers if there are such. For a group rule its values and how often they occur. */
export async function sampleOffenders(
  session: Session,
  subject: Subject,
  rule: Rule,
  rowKeys: readonly string[],
  gaps: readonly KnownGap[],
): Promise<Record<string, unknown>[]> {
  const offenders = `(${violationsSql(rule, subject.sql)}) WHERE NOT ${covered(gaps)}`
  if (rule.kind === 'group') {
    const columns = rule.columns.map(quoteIdentifier).join(', ')
    const grouped = `SELECT ${columns}, count(*)::INTEGER AS "rows" FROM ${offenders}`
    return session.rows(`${grouped} GROUP BY ${columns} ORDER BY ${columns} LIMIT ${sampleSize}`)
  }
  const read = rule.fromText ? [writtenColumn(rule.column)] : rule.columns
  const columns = [...rowKeys, ...read].map(quoteIdentifier).join(', ')
  return session.rows(`SELECT ${columns} FROM ${offenders} LIMIT ${sampleSize}`)
}

function covered(gaps: readonly KnownGap[]): string {
  return gaps.length === 0 ? 'false' : `(${gaps.map(({ where }) => where).join(' OR ')})`
}

async function oneRow(session: Session, sql: string): Promise<Record<string, unknown>> {
  const [row] = await session.rows<Record<string, unknown>>(sql)
  return row ?? {}
}
