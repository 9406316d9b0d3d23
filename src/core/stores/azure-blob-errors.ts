import { FocalError, RetryableError, UserError } from '../errors.ts'
import { isNetworkFailure, isTransientStatus, parseRetryAfter, type Verdict } from '../retry.ts'
import { errorCode } from './cache.ts'
import { verbs, type StoreAction } from './verbs.ts'

/** What was being done, for the message. */
export interface BlobAttempt {
  /** `az://account/container/key`, or the location as the user wrote it for a listing. */
  readonly object: string
  readonly account: string
  readonly container: string
  readonly action: StoreAction
  readonly endpoint: string
  /** Attempts in all, before it was given up. */
  readonly attempts: number
}

interface Answer {
  /** Azure's own, as `BlobNotFound`. */
  readonly code: string
  readonly status: number | undefined
  readonly retryAfter: string | undefined
}

const rejectedCredentials = new Set([
  'AuthenticationFailed',
  'InvalidAuthenticationInfo',
  'NoAuthenticationInformation',
  'AccountIsDisabled',
])
const noSuchContainer = new Set(['ContainerNotFound', 'ContainerBeingDeleted', 'ContainerDisabled'])

/** Whether another try can help: a network that failed, a server that is busy or broken. */
export function judgeBlobError(error: unknown): Verdict {
  if (error instanceof FocalError) return 'final'
  const { code, status, retryAfter } = readAnswer(error)
  // Md5Mismatch: the bytes were altered on their way.
  if (isNetworkFailure(error) || code === 'REQUEST_SEND_ERROR' || code === 'Md5Mismatch') return {}
  if (status === undefined || !isTransientStatus(status)) return 'final'
  return { retryAfterMs: parseRetryAfter(retryAfter, new Date()) }
}

/** True for a write whose condition does not hold, or whose staged blocks are gone since somebody else wrote the blob. */
export function isRefused(error: unknown): boolean {
  const { code, status } = readAnswer(error)
  return status === 412 || code === 'BlobAlreadyExists' || code === 'InvalidBlockList'
}

/** True for a blob that is not there, in a container that is. */
export function isMissing(error: unknown): boolean {
  const { code, status } = readAnswer(error)
  return status === 404 && !noSuchContainer.has(code)
}

/** The blob is another than the one that was listed: at the look before the download, or in the middle of it. */
export function replaced(object: string, cause?: Error): RetryableError {
  const message = `${object} was replaced while it was being downloaded; the next run reads the new delivery`
  return new RetryableError(message, { where: { file: object }, cause })
}

/**
 * The error in the user's words. The original goes along only as name and message: the client library's own errors
 * carry the request, and with it the signature.
 */
export function explainBlobError(error: unknown, attempt: BlobAttempt): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const answer = readAnswer(error)
  const details = { where: { file: attempt.object }, cause: withoutRequest(error) }
  if (judgeBlobError(error) !== 'final') return gaveUp(error, answer, attempt, details)
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_)/.test(errorCode(error) ?? '')) {
    const hint = 'Name the file of the certificate authority in NODE_EXTRA_CA_CERTS.'
    return new UserError(`the certificate of ${attempt.endpoint} is not trusted (${errorCode(error)})`, {
      ...details,
      hint,
    })
  }
  if (/^(CredentialUnavailable|(Aggregate)?Authentication)/.test(error.name)) {
    const hint =
      'They are looked for in the environment (AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or certificate), in a workload or managed identity, and in `az login`.'
    return new UserError(`no Azure credentials to ${verbs[attempt.action].to} ${attempt.object}`, { ...details, hint })
  }
  return answer.status === undefined ? error : explainStatus(answer, attempt, details)
}

type Details = { readonly where: { readonly file: string }; readonly cause: Error }

function explainStatus({ code, status }: Answer, attempt: BlobAttempt, details: Details) {
  const { object, account, container, action, endpoint } = attempt
  if (noSuchContainer.has(code)) {
    const hint = 'Correct the location, or AZURE_STORAGE_BLOB_ENDPOINT if the account is not in the public cloud.'
    return new UserError(`there is no container "${container}" at ${endpoint}`, { ...details, hint })
  }
  if (status === 412) return replaced(object, details.cause)
  if (status === 404) {
    return new RetryableError(
      `${object} was removed after it was listed; the next run reads what is there then`,
      details,
    )
  }
  if (code === 'BlobArchived' || code === 'BlobBeingRehydrated') {
    const hint = 'Bring it back to an online tier first, or leave its billing period out.'
    return new UserError(`${object} is archived and cannot be read`, { ...details, hint })
  }
  if (status === 401 || rejectedCredentials.has(code)) {
    const hint = 'Check AZURE_STORAGE_CONNECTION_STRING if it is set, else sign in again, for instance with `az login`.'
    return new UserError(`${endpoint} does not accept the Azure credentials in use (${code})`, { ...details, hint })
  }
  if (status === 403) {
    const hint =
      `Give the identity in use the role Storage Blob Data ${action === 'list' || action === 'read' ? 'Reader' : 'Contributor'} on container "${container}" of storage account ` +
      `"${account}", and see that the account's firewall lets this machine in.`
    return new UserError(`${object} may not be ${verbs[action].been} (${code})`, {
      ...details,
      hint,
    })
  }
  return new UserError(`${object} cannot be ${verbs[action].been}: ${code} (${status})`, details)
}

function gaveUp(
  error: Error,
  { code, status }: Answer,
  { object, action, endpoint, attempts }: BlobAttempt,
  details: Details,
) {
  const reason = status === undefined ? networkReason(error) : `${code} (${status})`
  return new RetryableError(`${object} could not be ${verbs[action].where} ${endpoint}: ${reason}`, {
    ...details,
    hint: `It was tried up to ${attempts} times; try again later, and check the network if it goes on.`,
  })
}

/** An attempt at several addresses fails with an empty message and one error for each. */
function networkReason(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error && first.message !== '' ? first.message : (errorCode(error) ?? error.name)
}

function readAnswer(error: unknown): Answer {
  if (!(error instanceof Error)) return { code: '', status: undefined, retryAfter: undefined }
  const { statusCode, response } = error as Error & {
    statusCode?: number
    response?: { headers?: { get(name: string): string | undefined } }
  }
  // An answer to HEAD has no body; the code is in a header then, as always.
  const code = response?.headers?.get('x-ms-error-code') ?? errorCode(error) ?? error.name
  return { code, status: statusCode, retryAfter: response?.headers?.get('retry-after') }
}

function withoutRequest(error: Error): Error {
  const bare = new Error(error.message)
  bare.name = error.name
  return bare
}
