import { redact } from './redact.ts'

/**
 * Errors typed by what the caller should do. Each says what happened, where, and what to do about it.
 */

/** The place an error is about; every part that is known is printed. Rows count from 1, the header not included. */
export interface Where {
  readonly source?: string
  readonly period?: string
  readonly file?: string
  readonly line?: number
  readonly row?: number
  readonly column?: string
  readonly value?: string
}

interface Details {
  readonly where?: Where
  /** What the reader can do now, as one sentence. */
  readonly hint?: string
  readonly cause?: unknown
}

/** Process exit codes, as documented in the README. */
export const exitCode = { done: 0, failed: 1, usage: 2, someUnitsFailed: 3, checkFailed: 4 } as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

export abstract class FocalError extends Error {
  readonly where: Where
  readonly hint: string | undefined
  abstract readonly exitCode: ExitCode

  constructor(what: string, { where = {}, hint, cause }: Details = {}) {
    super(what, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.where = where
    this.hint = hint
  }

  /** The same error with more of its place known; what is already known stays. */
  at(where: Where): this {
    Object.assign(this.where, { ...where, ...this.where })
    return this
  }
}

/** An error of ours with more of its place known; any other as it is. */
export function placed(error: unknown, where: Where): unknown {
  return error instanceof FocalError ? error.at(where) : error
}

/** The reader's own configuration, command line or environment must change. */
export class UserError extends FocalError {
  readonly exitCode = exitCode.usage
}

/** Nothing is wrong that another try later would not mend: a network, a disk, a delivery in flight. */
export class RetryableError extends FocalError {
  readonly exitCode = exitCode.failed
}

/** The provider's file is not what its documentation promises; its unit stops, others go on. */
export class DataError extends FocalError {
  readonly exitCode = exitCode.failed
}

/** One line for the place, in a fixed order: `aws-main, 2025-01, file bill.csv.gz, row 12, column x, value "y"`. */
export function describeWhere(where: Where): string {
  return [
    where.source,
    where.period,
    where.file === undefined ? undefined : `file ${where.file}`,
    where.line === undefined ? undefined : `line ${where.line}`,
    where.row === undefined ? undefined : `row ${where.row}`,
    where.column === undefined ? undefined : `column ${where.column}`,
    where.value === undefined ? undefined : `value ${JSON.stringify(where.value)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ')
}

/** The error as people read it: what, then where and hint on lines of their own when known. No stack, no secrets. */
export function describeError(error: unknown): string {
  if (!(error instanceof FocalError)) return redact(error instanceof Error ? error.message : String(error))
  const where = describeWhere(error.where)
  const lines = [error.message, where && `  where: ${where}`, error.hint && `  hint: ${error.hint}`]
  return redact(lines.filter(Boolean).join('\n'))
}
