import { FocalError, RetryableError, UserError } from '../errors.ts'
import { isNetworkFailure, isTransientStatus, parseRetryAfter, type Verdict } from '../retry.ts'
import { errorCode } from './cache.ts'

/** The permission that a request takes. */
export type S3Action =
  | 's3:ListBucket'
  | 's3:GetObject'
  | 's3:PutObject'
  | 's3:DeleteObject'
  | 's3:ListBucketMultipartUploads'
  | 's3:AbortMultipartUpload'

/** What was being done, for the message. */
export interface S3Attempt {
  /** `s3://bucket/key`, or the location as the user wrote it for a listing. */
  readonly object: string
  readonly bucket: string
  readonly action: S3Action
  /** Attempts in all, before it was given up. */
  readonly attempts: number
}

/** Codes that S3 gives with statuses that are otherwise final (400, 403, 409). */
const transientNames = new Set([
  // The bytes were altered on their way, or another write of the same key was under way.
  'BadDigest',
  'ConditionalRequestConflict',
  'InternalError',
  'OperationAborted',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
])
const rejectedCredentials = new Set([
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
])
const expiredCredentials = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'])

interface Answer {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** The action as people say it: to read, it may not be read. */
const verbs: Readonly<Record<S3Action, { readonly to: string; readonly been: string; readonly where: string }>> = {
  's3:ListBucket': { to: 'read', been: 'listed', where: 'read from' },
  's3:GetObject': { to: 'read', been: 'read', where: 'read from' },
  's3:PutObject': { to: 'write', been: 'written', where: 'written to' },
  's3:DeleteObject': { to: 'delete', been: 'deleted', where: 'deleted from' },
  's3:ListBucketMultipartUploads': { to: 'write', been: 'searched for unfinished uploads', where: 'written to' },
  's3:AbortMultipartUpload': { to: 'write', been: 'rid of unfinished uploads', where: 'written to' },
}

/** Whether another try can help: a network that failed, a server that is busy or broken. */
export function judgeS3Error(error: unknown): Verdict {
  if (error instanceof FocalError) return 'final'
  const answer = readAnswer(error)
  if (isNetworkFailure(error)) return {}
  if (!transientNames.has(answer.name) && (answer.status === undefined || !isTransientStatus(answer.status)))
    return 'final'
  return { retryAfterMs: parseRetryAfter(answer.headers['retry-after'], new Date()) }
}

/** True for a write whose condition does not hold (any more), or whose upload somebody has ended. */
export function isRefused(error: unknown): boolean {
  const { name, status } = readAnswer(error)
  return status === 412 || name === 'NoSuchUpload'
}

/** True for a HEAD or GET of a key that is not there. */
export function isMissing(error: unknown): boolean {
  const { name, status } = readAnswer(error)
  return status === 404 && name !== 'NoSuchBucket'
}

/**
 * The error in the user's words. The original goes along only as name and message: the client library's own
 * errors carry the signed request, and the access key id with it.
 */
export function explainS3Error(error: unknown, attempt: S3Attempt, endpoint: string): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const answer = readAnswer(error)
  const details = { where: { file: attempt.object }, cause: withoutRequest(error) }
  if (judgeS3Error(error) !== 'final') return gaveUp(error, answer, attempt, endpoint)
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_)/.test(errorCode(error) ?? '')) {
    const hint = 'Name the file of the certificate authority in NODE_EXTRA_CA_CERTS.'
    return new UserError(`the certificate of ${endpoint} is not trusted (${errorCode(error)})`, { ...details, hint })
  }
  if (answer.name.includes('CredentialsProviderError') || expiredCredentials.has(answer.name)) {
    return credentialError(answer, attempt, details)
  }
  return answer.status === undefined ? error : explainStatus(answer, attempt, endpoint, details)
}

type Details = { readonly where: { readonly file: string }; readonly cause: Error }

function credentialError({ name, message }: Answer, { object, action }: S3Attempt, details: Details): UserError {
  if (expiredCredentials.has(name)) {
    const hint = 'Sign in again, for instance with `aws sso login`.'
    return new UserError(`the AWS credentials used to ${verbs[action].to} ${object} have expired`, { ...details, hint })
  }
  const hint =
    'They are looked for in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), in the profile of ~/.aws that AWS_PROFILE names' +
    ' (after `aws sso login` or `aws configure`), in a web identity token, and in the role of the container or machine.'
  return new UserError(`no AWS credentials to ${verbs[action].to} ${object}: ${message}`, { ...details, hint })
}

function explainStatus(
  { name, message, status, headers }: Answer,
  attempt: S3Attempt,
  endpoint: string,
  details: Details,
) {
  const { object, bucket, action } = attempt
  if (name === 'NoSuchBucket') {
    const hint = 'Correct the location, or AWS_ENDPOINT_URL if the bucket is not at AWS.'
    return new UserError(`there is no bucket "${bucket}" at ${endpoint}`, { ...details, hint })
  }
  if (name === 'NoSuchUpload') {
    return new RetryableError(`the upload of ${object} was ended by another run`, details)
  }
  if (status === 412) {
    return new RetryableError(
      `${object} was replaced while it was being downloaded; the next run reads the new delivery`,
      details,
    )
  }
  if (status === 404) {
    return new RetryableError(
      `${object} was removed after it was listed; the next run reads what is there then`,
      details,
    )
  }
  if (status === 301) {
    const region = headers['x-amz-bucket-region'] ?? 'another region'
    const hint = 'Set AWS_REGION to the region of the bucket.'
    return new UserError(`the bucket "${bucket}" is in ${region} and cannot be reached through ${endpoint}`, {
      ...details,
      hint,
    })
  }
  if (name === 'InvalidObjectState') {
    const hint = 'Restore it in S3 first, or leave its billing period out.'
    return new UserError(`${object} is archived and cannot be read`, { ...details, hint })
  }
  if (rejectedCredentials.has(name)) {
    const hint = 'Check which credentials AWS_PROFILE or the environment select.'
    return new UserError(`${endpoint} does not accept the AWS credentials in use (${name})`, { ...details, hint })
  }
  if (status === 401 || status === 403) return forbidden(attempt, details)
  return new UserError(
    `${object} cannot be ${verbs[action].been} with ${action}: ${name} (${status}), ${message}`,
    details,
  )
}

const keyPermissions: Readonly<Partial<Record<S3Action, string>>> = {
  's3:GetObject': 'kms:Decrypt',
  's3:PutObject': 'kms:GenerateDataKey and kms:Decrypt',
}

function forbidden({ object, bucket, action }: S3Attempt, details: Details): UserError {
  const onBucket = action === 's3:ListBucket' || action === 's3:ListBucketMultipartUploads'
  const resource = onBucket ? `arn:aws:s3:::${bucket}` : object.replace('s3://', 'arn:aws:s3:::')
  const key = keyPermissions[action]
  const onKey = key === undefined ? '' : `, and ${key} on its key if it is encrypted with one`
  const hint = `Allow ${action} on ${resource} to the credentials in use${onKey}.`
  return new UserError(`${object} may not be ${verbs[action].been}`, { ...details, hint })
}

function gaveUp(
  error: Error,
  answer: Answer,
  { object, action, attempts }: S3Attempt,
  endpoint: string,
): RetryableError {
  const reason = answer.status === undefined ? networkReason(error) : `${answer.name} (${answer.status})`
  return new RetryableError(`${object} could not be ${verbs[action].where} ${endpoint}: ${reason}`, {
    where: { file: object },
    hint:
      answer.name === 'RequestTimeTooSkewed'
        ? "This machine's clock and the store's differ by more than the store allows (15 minutes at AWS): set the clock, for instance with NTP."
        : `It was tried up to ${attempts} times; try again later, and check the network if it goes on.`,
    cause: withoutRequest(error),
  })
}

/** An attempt at several addresses fails with an empty message and one error for each. */
function networkReason(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error && first.message !== '' ? first.message : (errorCode(error) ?? error.name)
}

function readAnswer(error: unknown): Answer {
  if (!(error instanceof Error)) return { name: '', message: String(error), status: undefined, headers: {} }
  const { $metadata, $response, name, message } = error as Error & {
    $metadata?: { httpStatusCode?: number }
    $response?: { headers?: Record<string, string> }
  }
  return { name, message, status: $metadata?.httpStatusCode, headers: $response?.headers ?? {} }
}

function withoutRequest(error: Error): Error {
  const bare = new Error(error.message)
  bare.name = error.name
  return bare
}
