import type { Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import { readDriverWeights } from './engine/driver-weights.ts'
import { createResults } from './engine/allocated.ts'
import { enterCharges } from './engine/enter.ts'
import { loadRows, placeCharges } from './engine/placement.ts'
import { openRouteBook } from './engine/routes.ts'
import { splitFunction, type Split } from './engine/split-function.ts'
import { splitStage } from './engine/split-stage.ts'
import { poolStages } from './engine/stages.ts'
import { makeWeigher } from './engine/weights.ts'
import { refuseProblems, type AllocationProblem } from './engine/problems.ts'
import type { RuleSet } from './rule-set.ts'

export interface AllocationInput {
  readonly ruleSet: RuleSet
  readonly period: Period
  /**
   * A relation with the FOCUS rows of one billing period over all sources, and `source`, `billing_period`,
   * `x_OriginRow` (the row's number in its partition) and `x_OriginVersion` (of its unit).
   */
  readonly charges: string
}

export { allocatedColumns, inOrder } from './engine/allocated.ts'

/**
 * Allocates one billing period. Leaves these relations in the session:
 *
 * - `allocated`: the rows of the allocated dataset, with `source`, in no order; `inOrder` gives one source's in order.
 * - `postings`: every step of every charge, from a pool to a pool or target.
 * - `weights`: what the splits went by.
 *
 * Throws a UserError for rules that cannot be followed, such as a split without weights whose rule calls that an
 * error, and a DataError for a driver's file that cannot be read.
 */
export async function prepareAllocation(
  session: Session,
  { ruleSet, period, charges }: AllocationInput,
): Promise<void> {
  await session.run(readBeside(import.meta.url, 'engine/tables.sql'))
  await loadRows(session, 'targets', ruleSet.targets.map(targetRow))
  await readDriverWeights(session, ruleSet)
  await placeCharges(session, ruleSet, charges)
  const cuts: Split[] = []
  session.define(splitFunction(cuts))
  const problems: AllocationProblem[] = []
  const routes = openRouteBook(ruleSet)
  const { entryReasons, splits } = await enterCharges(session, ruleSet, routes)
  const weigher = makeWeigher(session, ruleSet, period)
  const context = { ruleSet, splits, weigher, report: (problem: AllocationProblem) => problems.push(problem) }
  for (const stage of poolStages(ruleSet, splits)) {
    await splitStage({ session, context, routes, entryReasons, cuts }, stage)
  }
  refuseProblems(ruleSet, problems)
  await createResults(session, ruleSet, charges)
}

function targetRow({ id, name, valid, mode, costCentre, glAccount }: RuleSet['targets'][number]): object {
  return {
    target: id,
    name,
    valid_from: valid.from ?? null,
    valid_to: valid.to ?? null,
    mode,
    cost_centre: costCentre ?? null,
    gl_account: glAccount ?? null,
  }
}
