import { FocalError, RetryableError, UserError } from '../../../core/errors.ts'
import { isNetworkFailure, isTransientStatus, type Verdict } from '../../../core/retry.ts'

/** What was being done, for the message. */
export interface Attempt {
  /** `project.dataset.table`. */
  readonly table: string
  readonly project: string
  /** The permission that the request needs, where Google's own message names none. */
  readonly permission: string
  /** Attempts in all, before it was given up. */
  readonly attempts: number
}

/** Reasons that come with a 403 or 400, and pass. */
const passing = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'jobRateLimitExceeded',
  'quotaExceeded',
  'rateLimitExceeded',
  'tableUnavailable',
])

/** Codes of gRPC, of which the client library gives only the number. */
export const grpc = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  aborted: 10,
  outOfRange: 11,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** Codes that a broken connection or a busy server comes with; INTERNAL is how a reset HTTP/2 stream is told. */
const passingCodes = new Set<number>([
  grpc.cancelled,
  grpc.unknown,
  grpc.deadlineExceeded,
  grpc.resourceExhausted,
  grpc.aborted,
  grpc.internal,
  grpc.unavailable,
])

/** How Google's credential chain says that it has none, cannot read them, or that they have expired. */
const withoutCredentials = /default credentials|credential file|invalid_grant|invalid_rapt/

interface Answer {
  /** HTTP status, or 0. */
  readonly status: number
  /** Code of gRPC, or 0. */
  readonly code: number
  readonly reasons: readonly string[]
  readonly message: string
}

/** Whether another try can help: a network that failed, a server that is busy or broken, a rate or a quota used up. */
export function judgeError(error: unknown): Verdict {
  if (error instanceof FocalError) return 'final'
  if (isNetworkFailure(error)) return {}
  const { status, code, reasons } = readAnswer(error)
  return isTransientStatus(status) || passingCodes.has(code) || reasons.some((reason) => passing.has(reason))
    ? {}
    : 'final'
}

/** True when the Storage Read API refuses the project, though the table itself may be readable. */
export function isSessionForbidden(error: unknown): boolean {
  const { code, message } = readAnswer(error)
  return code === grpc.permissionDenied && !/bigquery\.tables\./.test(message)
}

/** True for a read past the last row of a stream, which is how some servers tell that there is no more. */
export function isPastEnd(error: unknown): boolean {
  return readAnswer(error).code === grpc.outOfRange
}

/** True when a job of this id was begun already: an earlier request arrived, though its answer was lost. */
export function isDuplicate(error: unknown): boolean {
  return readAnswer(error).status === 409
}

/** What BigQuery says, without the client library's additions. */
export function messageOf(error: unknown): string {
  return readAnswer(error).message
}

/** The error in the user's words; one that is not BigQuery's comes back as it is. The original goes along as its message only: it carries the request, and its token. */
export function explainError(error: unknown, attempt: Attempt): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const { table } = attempt
  const answer = readAnswer(error)
  const details = { cause: new Error(answer.message) }
  if (judgeError(error) !== 'final') {
    return new RetryableError(`${table} could not be read: ${answer.message}`, {
      ...details,
      hint: `It was tried up to ${attempt.attempts} times; try again later, and look at the project's BigQuery quotas if it goes on.`,
    })
  }
  if (withoutCredentials.test(answer.message) || answer.status === 401 || answer.code === grpc.unauthenticated) {
    return new UserError(`no Google credentials to read ${table}: ${answer.message}`, {
      ...details,
      hint: 'Sign in with `gcloud auth application-default login`, or name a key file in GOOGLE_APPLICATION_CREDENTIALS.',
    })
  }
  if (answer.status === 404 || answer.code === grpc.notFound) {
    return new UserError(`there is no table ${table}`, {
      ...details,
      hint: 'Copy the table id from BigQuery; a new export takes some hours to create its table.',
    })
  }
  if (answer.reasons.includes('bytesBilledLimitExceeded')) {
    return new UserError(`${table} takes more bytes to read than maxBytes allows: ${answer.message}`, {
      ...details,
      hint: 'Raise maxBytes of the source.',
    })
  }
  if (answer.status === 403 || answer.code === grpc.permissionDenied) return forbidden(answer, attempt, details)
  if (answer.status === 0 && answer.code === 0 && answer.reasons.length === 0) return error
  return new UserError(`${table} cannot be read: ${answer.message}`, details)
}

function forbidden({ message }: Answer, { table, project, permission }: Attempt, details: { cause: Error }): UserError {
  const named = /bigquery\.\w+\.\w+/.exec(message)?.[0] ?? permission
  const on = named.startsWith('bigquery.tables.') ? table : `project ${project}`
  return new UserError(`${table} may not be read: ${named} is not granted`, {
    ...details,
    hint: `Grant ${named} on ${on} to the credentials in use. BigQuery says: ${message}`,
  })
}

function readAnswer(error: unknown): Answer {
  if (!(error instanceof Error)) return { status: 0, code: 0, reasons: [], message: String(error) }
  const { code, errors, details } = error as Error & {
    code?: unknown
    errors?: { reason?: string }[]
    details?: string
  }
  const number = typeof code === 'number' ? code : 0
  return {
    status: number >= 100 ? number : 0,
    code: number < 100 ? number : 0,
    reasons: (errors ?? []).flatMap(({ reason }) => reason ?? []),
    message: details || error.message,
  }
}
