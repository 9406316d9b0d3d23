import type { NamedFile } from '../core/archive.ts'
import type { Session } from '../core/duckdb.ts'
import type { Period } from '../core/period.ts'

/**
 * A transform turns one delivery of one provider into FOCUS rows, in SQL. It leaves these relations in the
 * session, the same for every provider; nothing is read from the files before they are queried, except
 * where a text format has to be parsed once.
 *
 * - `focus`: the FOCUS rows, with every column of every FOCUS version and every `x_` column.
 * - `problems (problem, file, column, value, source_rows, hint)`: source values that no rule covers; any row stops the unit.
 * - `problem_rows (problem, file, value, row_number)`: where those are, for the error; read only when there is one.
 * - `accounting (outcome, reason, source_rows, focus_rows, source_cost)`: where each source row went.
 *   outcome is kept, split, dropped, merged, added (rows of ours) or refused.
 * - `controls (measure, basis, expected)`: totals of FOCUS measures worked out from the source by another road.
 * - `identities (identity, subject, difference, tolerance)`: what the source's own columns must say of one another.
 * - `warnings (warning, value, source_rows, hint)`: what was kept but is worth a look; rows that count none say nothing.
 *
 * A transform whose FOCUS rows each come of one staged row sets the variable `divisible`. `focus` is then read by several
 * sessions, each of which sees a part of the staged rows (`staged_rows`) by variables of its own: fewer
 * `staged_files`, or of one file the rows from `first_row` up to `end_row`. What such rows need to know of others is in
 * tables, worked out before. Rows of no file are there in the session whose `last_piece` is true.
 */
export interface Transform<Options = unknown> {
  prepare(session: Session, input: TransformInput<Options>): Promise<ExplainFailure>
  /**
   * For bills that name no invoice: days after the end of a month by which the provider has invoiced it, as it says
   * itself. Absent, a month whose charges name no invoice stays open.
   */
  readonly settlingDays?: number
  /** The folder of the SQL that made the columns, for `focal explain`. */
  readonly directory: URL
}

/**
 * Turns a failure of the engine while it reads the prepared relations into an error that names file, row,
 * column and value where it can; anything else comes back unchanged.
 */
export type ExplainFailure = (error: unknown) => Promise<unknown>

export interface TransformInput<Options = unknown> {
  readonly period: Period
  readonly files: readonly SourceFile[]
  /** Columns that the delivery's manifest promises, in the provider's spelling; undefined when it names none. */
  readonly columns?: readonly string[] | undefined
  /** The FOCUS version that metadata beside the files names; undefined when there is none. */
  readonly declaredVersion?: string | undefined
  /** A scratch folder of this unit alone, removed afterwards. */
  readonly scratchDirectory: string
  readonly options: Options
}

/** A data file where it can be read now, and the name people know it by: its key in the export. */
export type SourceFile = NamedFile
