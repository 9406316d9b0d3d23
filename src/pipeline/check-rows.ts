import { checkFocus, type CheckResult } from '../checks/index.ts'
import type { Session } from '../core/duckdb.ts'
import type { FocusVersion } from '../core/focus.ts'
import type { CheckSummary } from './state.ts'

/**
 * Checks the rows that are about to be published against FOCUS. Broken rules do not hold the month back: its
 * totals are proven already. They are kept in the record with examples, and each is a warning. `dataset` is which of
 * the FOCUS datasets the rows are of; Cost and Usage where it is not given.
 */
export async function checkRows(
  session: Session,
  relation: string,
  version: FocusVersion,
  dataset?: string,
): Promise<{ checks: CheckSummary; warnings: string[] }> {
  const results = await checkFocus(session, relation, version, undefined, { dataset })
  const having = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome)
  const broken = having('failed')
  return {
    checks: {
      rules: results.length,
      failed: broken.map(({ id, rows, text, samples }) => ({ rule: id, rows, text, samples })),
      knownGaps: having('known gap').map(({ id, rows, gaps }) => ({
        rule: id,
        rows,
        reasons: gaps.map(({ reason }) => reason),
      })),
      advisories: having('warned').map(({ id, rows }) => ({ rule: id, rows })),
    },
    warnings: broken.map(({ id, rows, text }) => `${rows} rows break ${id}: ${text}`),
  }
}
