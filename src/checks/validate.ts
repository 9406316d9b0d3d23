import type { Session } from '../core/duckdb.ts'
import type { FocusVersion } from '../core/focus.ts'
import { checkFocus } from './check-focus.ts'
import { forgetFiles, openFocusFiles } from './focus-files.ts'
import type { CheckResult, Outcome } from './result.ts'
import { tableColumns } from './subject.ts'
import { toldDataset } from './told-dataset.ts'

/** What `focal validate` found; plain data, so that its JSON is the report. */
export interface ValidationReport {
  readonly path: string
  readonly files: number
  /** `CostAndUsage`, `ContractCommitment` … */
  readonly dataset: string
  readonly version: FocusVersion
  /** Whether the version was asked for or told from the columns. */
  readonly versionFrom: 'given' | 'columns'
  readonly rows: number
  readonly checked: number
  readonly failed: number
  readonly warned: number
  /** Rules of which every offending row is explained. */
  readonly knownGaps: number
  /** One per rule; those that found something first in the list, failures before all others. */
  readonly checks: readonly CheckResult[]
}

/**
 * Checks a FOCUS file, folder or lake. `version` undefined takes the version that the columns show.
 * UserError: nothing to read at the path, or nothing that looks like FOCUS.
 */
export async function validatePath(
  session: Session,
  path: string,
  version: FocusVersion | undefined,
): Promise<ValidationReport> {
  try {
    const { relation, files, rowKeys, textFile } = await openFocusFiles(session, path)
    const names = (await tableColumns(session, relation)).map(({ name }) => name)
    const { dataset, version: told } = toldDataset(names, path)
    const used = version ?? told
    const checks = await checkFocus(session, relation, used, undefined, { rowKeys, textFile, dataset })
    const [count] = await session.rows<{ rows: string }>(`SELECT count(*) AS "rows" FROM ${relation}`)
    const versionFrom = version === undefined ? 'columns' : 'given'
    return { path, files, dataset, version: used, versionFrom, rows: Number(count?.rows), ...summary(checks) }
  } finally {
    await forgetFiles(session)
  }
}

const order: readonly Outcome[] = ['failed', 'warned', 'known gap', 'noted', 'passed']

function summary(checks: readonly CheckResult[]) {
  const count = (outcome: Outcome) => checks.filter((check) => check.outcome === outcome).length
  return {
    checked: checks.length,
    failed: count('failed'),
    warned: count('warned'),
    knownGaps: count('known gap'),
    checks: checks.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome)),
  }
}
