import type { Session } from '../core/duckdb.ts'
import type { FocusVersion } from '../core/focus.ts'
import type { CheckSummary } from './state.ts'

export async function checkRows(_session: Session, _relation: string, _version: FocusVersion): Promise<{ checks: CheckSummary; warnings: string[] }> {
  return { checks: { rules: 0, knownGaps: [], advisories: [] }, warnings: [] }
}
