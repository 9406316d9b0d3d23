import { FocalError, RetryableError, UserError } from '../errors.ts'
import { isNetworkFailure, isTransientStatus, parseRetryAfter, type Verdict } from '../retry.ts'
import { errorCode } from './cache.ts'
import { verbs, type StoreAction } from './verbs.ts'

/** What was being done, for the message. */
export interface GcsAttempt {
  /** `gs://bucket/key`, or the location as the user wrote it for a listing. */
  readonly object: string
  readonly bucket: string
  readonly action: StoreAction
  readonly endpoint: string
  /** Attempts in all, before it was given up. */
  readonly attempts: number
}

/** Whether another try can help: a network that failed, a server that is busy or broken, a rate that was exceeded. */
export function judgeGcsError(error: unknown): Verdict {
  if (error instanceof FocalError) return 'final'
  const status = statusOf(error)
  if (isNetworkFailure(error)) return {}
  const limited = status === 403 && error instanceof Error && /rateLimitExceeded/i.test(reasonOf(error))
  if (!limited && (status === undefined || !isTransientStatus(status))) return 'final'
  return { retryAfterMs: parseRetryAfter(retryAfterOf(error), new Date()) }
}

/** True for a write whose condition does not hold. */
export function isRefused(error: unknown): boolean {
  return statusOf(error) === 412
}

export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404
}

/** The object is another than the one that was listed: at the look before the download, or in the middle of it. */
export function replaced(object: string): RetryableError {
  return new RetryableError(
    `${object} was replaced while it was being downloaded; the next run reads the new delivery`,
    { where: { file: object } },
  )
}

/** The error in the user's words. The original goes along only as name and message: the library's carry the request. */
export function explainGcsError(error: unknown, attempt: GcsAttempt): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const { object, bucket, action, endpoint } = attempt
  const status = statusOf(error)
  const details = { where: { file: object }, cause: withoutRequest(error) }
  if (judgeGcsError(error) !== 'final') return gaveUp(error, attempt, details)
  if (/default credentials|invalid_grant|invalid_rapt|reauth/i.test(error.message)) {
    const hint =
      'Sign in with `gcloud auth application-default login`, name a key file in GOOGLE_APPLICATION_CREDENTIALS, or run where a service account is attached.'
    return new UserError(`no Google Cloud credentials to ${verbs[action].to} ${object}: ${error.message}`, {
      ...details,
      hint,
    })
  }
  // Of an object that is written, only its bucket can be missing.
  if (status === 404 && (action === 'list' || action === 'write')) {
    const hint = 'Correct the location.'
    return new UserError(`there is no bucket "${bucket}" at ${endpoint}`, { ...details, hint })
  }
  if (status === 404) {
    return new RetryableError(
      `${object} was removed after it was listed; the next run reads what is there then`,
      details,
    )
  }
  if (status === 412) return replaced(object)
  if (status === 400 && action === 'write' && /hash|checksum/i.test(error.message)) {
    return new RetryableError(`${object} arrived with other bytes than were sent`, details)
  }
  if (status === 401 || status === 403) {
    const [permission, role] = permissions[action]
    const hint = `Grant ${permission} on the bucket (as ${role} does) to the credentials in use.`
    return new UserError(`${object} may not be ${verbs[action].been}`, { ...details, hint })
  }
  if (status === undefined) return error
  return new UserError(`${object} cannot be ${verbs[action].been}: ${error.message} (${status})`, details)
}

const permissions: Readonly<Record<StoreAction, readonly [permission: string, role: string]>> = {
  list: ['storage.objects.list', 'roles/storage.objectViewer'],
  read: ['storage.objects.get', 'roles/storage.objectViewer'],
  write: ['storage.objects.create and storage.objects.delete', 'roles/storage.objectUser'],
  delete: ['storage.objects.delete', 'roles/storage.objectUser'],
}

interface Details {
  readonly where: { readonly file: string }
  readonly cause: Error
}

function gaveUp(error: Error, { object, action, endpoint, attempts }: GcsAttempt, details: Details): RetryableError {
  const status = statusOf(error)
  const reason = status === undefined ? error.message || errorCode(error) : `${reasonOf(error)} (${status})`
  return new RetryableError(`${object} could not be ${verbs[action].where} ${endpoint}: ${reason}`, {
    ...details,
    hint: `It was tried up to ${attempts} times; try again later, and check the network if it goes on.`,
  })
}

/** The library gives the HTTP status as a number, and as a text when it comes out of a stream. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  const status = Number(error.code)
  return Number.isInteger(status) && status >= 300 ? status : undefined
}

/** Google's own word for it, such as `rateLimitExceeded`. */
function reasonOf(error: Error): string {
  const [first] = 'errors' in error && Array.isArray(error.errors) ? (error.errors as { reason?: string }[]) : []
  return first?.reason ?? error.message
}

function retryAfterOf(error: unknown): string | undefined {
  const { response } = error as { response?: { headers?: Record<string, string> } }
  return response?.headers?.['retry-after']
}

function withoutRequest(error: Error): Error {
  const bare = new Error(error.message)
  bare.name = error.name
  return bare
}
