import type { BigQuery } from '@google-cloud/bigquery'
import type { v1 } from '@google-cloud/bigquery-storage'
import { retry, type RetryPolicy } from '../../../core/retry.ts'
import { whileAlive } from '../../../core/stores/idle.ts'
import { explainError, judgeError, type Attempt } from './errors.ts'

export type StorageClient = InstanceType<typeof v1.BigQueryReadClient>

export interface ConnectionOptions {
  /** The project that runs and pays for what is asked. */
  readonly project: string
  /** BIGQUERY_EMULATOR_HOST and BIGQUERY_STORAGE_EMULATOR_HOST name servers other than Google's. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly retry: RetryPolicy
  /** A server that is silent for so long has lost the request. */
  readonly idleMs: number
  readonly signal?: AbortSignal | undefined
}

/** BigQuery's two interfaces, under one policy of what is tried again. */
export interface Connection extends ConnectionOptions {
  /** Asks until it is answered or given up; errors come out in the user's words. */
  ask<T>(attempt: Omit<Attempt, 'attempts'>, request: (client: BigQuery) => Promise<T>): Promise<T>
  /** One request to the Storage Read API, tried once; errors come out as the client library gives them. */
  openStorage(): Promise<StorageClient>
}

/**
 * Connects on the first request, with Application Default Credentials and no others. The client libraries try
 * nothing twice themselves: they do not know a rate limit that comes as a 403, nor a stream that breaks.
 */
export function connect(options: ConnectionOptions): Connection {
  const { env, project, signal, idleMs, retry: policy } = options
  let rest: Promise<BigQuery> | undefined
  return {
    ...options,
    async ask(attempt, request) {
      const client = await (rest ??= createRest(project, env))
      try {
        const once = () => whileAlive(idleMs, signal, (limit) => untilAborted(request(client), limit))
        return await retry(once, { policy, judge: judgeError, signal })
      } catch (error) {
        signal?.throwIfAborted()
        throw explainError(error, { ...attempt, attempts: policy.attempts })
      }
    },
    openStorage: () => createStorage(project, env),
  }
}

async function createRest(projectId: string, env: ConnectionOptions['env']): Promise<BigQuery> {
  const { BigQuery } = await import('@google-cloud/bigquery')
  const endpoint = env['BIGQUERY_EMULATOR_HOST']
  return new BigQuery({ projectId, retryOptions: { autoRetry: false }, ...(endpoint && { apiEndpoint: endpoint }) })
}

async function createStorage(projectId: string, env: ConnectionOptions['env']): Promise<StorageClient> {
  const { v1 } = await import('@google-cloud/bigquery-storage')
  const address = env['BIGQUERY_STORAGE_EMULATOR_HOST']
  if (!address) return new v1.BigQueryReadClient({ projectId })
  const { credentials } = await import('@grpc/grpc-js')
  const [apiEndpoint = '', port] = address.split(':')
  const sslCreds = credentials.createInsecure()
  return new v1.BigQueryReadClient({ projectId, apiEndpoint, port: Number(port), sslCreds })
}

/** The REST client knows no signals: what it is doing then is left alone, and its answer to nobody. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
