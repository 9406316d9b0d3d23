import type { Session } from '../core/duckdb.ts'
import type { FocusVersion } from '../core/focus.ts'
import { datasetOf } from './dataset.ts'
import { gapsOf, knownGaps, type KnownGap } from './known-gaps.ts'
import { anyGroupOffends, countOffenders, measureOffence, sampleOffenders, type Totals } from './measure.ts'
import type { CheckResult, Outcome } from './result.ts'
import { focusRules, type Rule } from './rules.ts'
import { checkStructure } from './structure.ts'
import { subjectOf, tableColumns, type Subject } from './subject.ts'
import { defineRuleMacros } from './violations.ts'

export interface CheckOptions {
  /** Columns that name a row in samples. They are no part of the dataset where they have no x_ in front. */
  readonly rowKeys?: readonly string[]
  /** The relation comes from a text file, in which every column is text. */
  readonly textFile?: boolean
  /** Which of the FOCUS datasets the relation is; Cost and Usage where it is not given. */
  readonly dataset?: string | undefined
}

/**
 * Checks a table against a FOCUS version: its columns, every row rule in one scan, and the rules on groups
 * of rows. `relation` is what may follow FROM: a name, a table function or a parenthesised query. Rules on
 * columns that the table lacks are left out; other columns it lacks count as null. One result per rule,
 * broken or not.
 */
export async function checkFocus(
  session: Session,
  relation: string,
  version: FocusVersion,
  gaps: readonly KnownGap[] = knownGaps(),
  { rowKeys = ['x_SourceFile', 'x_SourceLineId'], textFile = false, dataset }: CheckOptions = {},
): Promise<CheckResult[]> {
  const schema = datasetOf(version, dataset)
  const columns = await tableColumns(session, relation)
  const subject = subjectOf(relation, columns, schema)
  const rules = focusRules(version, dataset).filter((rule) => isApplicable(rule, subject))
  await defineRuleMacros(session)
  const { totals, offenders } = await countOffenders(
    session,
    subject,
    rules.filter((rule) => rule.kind === 'row'),
  )
  const keys = rowKeys.filter((key) => subject.present.has(key))
  const results: CheckResult[] = []
  for (const rule of rules) {
    const offends = rule.kind === 'row' ? offenders.get(rule.id) !== 0 : await anyGroupOffends(session, subject, rule)
    results.push(
      offends ? await broken(session, subject, rule, gapsOf(rule.id, gaps, schema), keys, totals) : passed(rule),
    )
  }
  const own = columns.filter(({ name }) => name.startsWith('x_') || !rowKeys.includes(name))
  return [...checkStructure(own, schema, textFile), ...results]
}

function isApplicable(rule: Rule, { present, fromText }: Subject): boolean {
  if (rule.kind === 'group') return rule.columns.every((name) => present.has(name))
  return rule.fromText ? fromText.has(rule.column) : present.has(rule.column)
}

function passed({ kind, id, column, keyword, text }: Rule): CheckResult {
  return { id, kind, column, keyword, text, outcome: 'passed', rows: 0, share: 0, known: 0, gaps: [], samples: [] }
}

async function broken(
  session: Session,
  subject: Subject,
  rule: Rule,
  gaps: readonly KnownGap[],
  rowKeys: readonly string[],
  totals: Totals,
): Promise<CheckResult> {
  const { cost, ...offence } = await measureOffence(session, subject, rule, gaps)
  const isKnown = offence.known === offence.rows
  const samples = await sampleOffenders(session, subject, rule, rowKeys, isKnown ? [] : gaps)
  const { kind, id, column, keyword, text } = rule
  const outcome: Outcome = isKnown ? 'known gap' : keyword.startsWith('SHOULD') ? 'warned' : 'failed'
  const share = !subject.present.has('BilledCost') ? null : totals.cost === 0 ? 0 : cost / totals.cost
  return { id, kind, column, keyword, text, outcome, ...offence, share, samples }
}
