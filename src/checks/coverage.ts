import { readSchemaFile, type FocusVersion } from '../core/focus.ts'
import { costAndUsage } from './dataset.ts'
import type { CheckResult } from './result.ts'

/** What becomes of the rules of the FOCUS requirements model here; `schemas/focus/coverage.json` is the table. */
export interface CoveredRule {
  /** Id in the requirements model, for Cost and Usage without CAU-. */
  readonly rule: string
  readonly versions: readonly FocusVersion[]
  /** Of the model: MUST, SHOULD NOT, MAY, RECOMMENDED … */
  readonly keyword: string
  /** Checks that find where the rule is broken; `<id>:*` is the check of every column. Absent where there is a reason. */
  readonly checks?: readonly string[]
  /** Why no check finds it, as a key of the table's reasons. */
  readonly reason?: string
}

interface CoverageFile {
  /** Where the rules come from, with their licence. */
  readonly source: string
  readonly reasons: Readonly<Record<string, string>>
  readonly rules: readonly CoveredRule[]
}

/** What a check of data says about a rule of the model. */
export interface RuleVerdict {
  readonly rule: string
  readonly keyword: string
  /** `does not apply`: the data lack the column, or hold it in a type that cannot break the rule. `not checked`: `why` says the reason. */
  readonly verdict: 'holds' | 'known gap' | 'broken' | 'does not apply' | 'not checked'
  /** The checks that found something, or the reason for not checking. */
  readonly why: string
}

/** The model's rules on a dataset of a version; none where no model is at hand (1.0, 1.1, 1.4). */
export function coveredRules(version: FocusVersion, dataset: string = costAndUsage): readonly CoveredRule[] {
  const isContract = dataset === 'ContractCommitment'
  if (!isContract && dataset !== costAndUsage) return []
  return coverage().rules.filter(
    ({ rule, versions }) => versions.includes(version) && rule.startsWith('CCT-') === isContract,
  )
}

/** Every rule of the model with what the checks say about it. */
export function ruleVerdicts(
  version: FocusVersion,
  dataset: string,
  checks: readonly CheckResult[],
): readonly RuleVerdict[] {
  return coveredRules(version, dataset).map((covered) => verdictOn(covered, checks))
}

function verdictOn({ rule, keyword, checks = [], reason }: CoveredRule, results: readonly CheckResult[]): RuleVerdict {
  if (reason !== undefined) return { rule, keyword, verdict: 'not checked', why: coverage().reasons[reason] ?? reason }
  const asked = results.filter(({ id }) => checks.some((check) => isCheck(id, check)))
  const found = asked.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'noted')
  const isBroken = found.some(({ outcome }) => outcome !== 'known gap')
  const verdict = asked.length === 0 ? 'does not apply' : isBroken ? 'broken' : found.length > 0 ? 'known gap' : 'holds'
  return { rule, keyword, verdict, why: found.map(({ id }) => id).join(', ') }
}

/** Whether a check's id is the one that the table names, or one of the family `<id>:*`. */
export function isCheck(id: string, named: string): boolean {
  return named.endsWith(':*') ? id.startsWith(named.slice(0, -1)) : id === named
}

export function coverage(): CoverageFile {
  return readSchemaFile('coverage.json') as CoverageFile
}
