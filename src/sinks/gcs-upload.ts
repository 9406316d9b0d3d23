import type { GcsConnection } from '../core/stores/gcs-client.ts'
import { isMissing, isRefused } from '../core/stores/gcs-errors.ts'
import type { StoreAction } from '../core/stores/verbs.ts'
import type { Staged, Upload, Written } from './bucket.ts'
import type { GcsLakeOptions } from './options.ts'
import { sendParts } from './parts.ts'
import { meaning, type Ask } from './requests.ts'
import type { LakeTuning } from './tuning.ts'

/** What the requests of one lake have in common. */
export interface GcsLake {
  readonly connection: GcsConnection
  readonly ask: Ask<StoreAction>
  readonly tuning: LakeTuning
  readonly options: GcsLakeOptions
  readonly fullKey: (key: string) => string
}

interface Making {
  /** The generation to replace, 0 for none: Google compares it when the last byte has come. */
  readonly condition: string | number
  /** The metadata of the object. */
  readonly object: object
}

/**
 * A resumable upload that stops before its last part, which makes the object. A request that broke is followed by the
 * question how far the upload has come, and goes on from there. ("Resumable uploads", Cloud Storage documentation;
 * the client library's own retries would be a second policy.)
 */
export async function stageResumable(
  lake: GcsLake,
  upload: Upload,
  making: Making,
  signal?: AbortSignal,
): Promise<Staged> {
  const { ask, tuning } = lake
  const { key, file, bytes } = upload
  const session = await ask('write', key, (attempt) => begin(lake, key, making, attempt), { signal })
  const whole = { session, bytes }
  const abandon = async () => {
    // Google forgets it after a week in any case.
    await fetch(session, { method: 'DELETE', signal: AbortSignal.timeout(tuning.idleMs) }).catch(() => undefined)
  }
  let last: Chunk = { from: 0, content: Buffer.alloc(0) }
  try {
    // One after the other: the protocol knows no order but that.
    await sendParts(
      { file, bytes, partSize: tuning.uploadPartSize, concurrency: 1 },
      async ({ from, bytes: content }, stop) => {
        if (from + content.length === bytes) last = { from, content }
        else await ask('write', key, sending(whole, { from, content }), { signal: stop, bodyBytes: content.length })
      },
      signal,
    )
  } catch (error) {
    await abandon()
    throw error
  }
  const commit = async (): Promise<Written> => {
    const send = sending(whole, last)
    const written = await ask('write', key, (attempt) => send(attempt).catch(meaning(isOver, 'refused' as const)), {
      bodyBytes: last.content.length,
    })
    if (written === undefined) throw new Error('Google took the last part of an upload for one before it')
    return written
  }
  return { commit, abandon }
}

/** The condition does not hold, or the upload is over: done by an attempt whose answer was lost, or ended. */
const isOver = (error: unknown) =>
  isRefused(error) || isMissing(error) || (error instanceof Error && 'code' in error && error.code === 410)

async function begin(
  { connection, fullKey, options }: GcsLake,
  key: string,
  { condition, object }: Making,
  signal: AbortSignal,
) {
  const bucket = await connection.bucket()
  const url = new URL(`${connection.endpoint}/upload/storage/v1/b/${encodeURIComponent(bucket.name)}/o`)
  url.searchParams.set('uploadType', 'resumable')
  url.searchParams.set('name', fullKey(key))
  url.searchParams.set('ifGenerationMatch', String(condition))
  if (options.kmsKey !== undefined) url.searchParams.set('kmsKeyName', options.kmsKey)
  const headers = { 'content-type': 'application/json', ...(await connection.authorization()) }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(object), signal })
  if (!answer.ok) throw await refusal(answer)
  await answer.arrayBuffer()
  return answer.headers.get('location') ?? ''
}

interface Whole {
  readonly session: string
  readonly bytes: number
}

interface Chunk {
  readonly from: number
  readonly content: Buffer
}

/** Sends a chunk, and gives the generation once the object is complete. Another attempt sends what Google lacks of it. */
function sending({ session, bytes }: Whole, { from, content }: Chunk) {
  const to = from + content.length
  let attempts = 0
  return async (signal: AbortSignal): Promise<Written | undefined> => {
    attempts += 1
    // That question is also how an upload without any bytes is completed.
    const goesOn = attempts === 1 && bytes > 0
    const state = goesOn ? from : await ask308(session, { 'content-range': `bytes */${bytes}` }, undefined, signal)
    if (typeof state !== 'number') return state
    if (state < to) {
      const range = `bytes ${state}-${to - 1}/${bytes}`
      const next = await ask308(session, { 'content-range': range }, content.subarray(state - from), signal)
      if (typeof next !== 'number') return next
      if (next < to) throw Object.assign(new Error(`the upload reached byte ${next} of ${to}`), { code: 'ECONNRESET' })
    }
    return undefined
  }
}

/** How many bytes Google has, or what was written once it has them all. */
async function ask308(
  session: string,
  headers: Record<string, string>,
  content: Buffer | undefined,
  signal: AbortSignal,
): Promise<number | { readonly tag: string }> {
  const body = content === undefined ? null : new Uint8Array(content)
  const answer = await fetch(session, { method: 'PUT', headers, body, signal, redirect: 'manual' })
  if (answer.status === 308) {
    await answer.arrayBuffer()
    const reached = /bytes=0-(\d+)/.exec(answer.headers.get('range') ?? '')?.[1]
    return reached === undefined ? 0 : Number(reached) + 1
  }
  if (!answer.ok) throw await refusal(answer)
  const { generation = '' } = (await answer.json()) as { generation?: string }
  return { tag: generation }
}

/** An answer as the client library would throw it, so that it is judged and explained like its others. */
async function refusal(answer: Response): Promise<Error> {
  const text = await answer.text()
  let told: { error?: { message?: string; errors?: { reason?: string }[] } } = {}
  try {
    told = JSON.parse(text) as typeof told
  } catch {
    // A proxy's page, or a line of text.
  }
  const headers = Object.fromEntries(answer.headers)
  return Object.assign(new Error(told.error?.message ?? answer.statusText), {
    code: answer.status,
    errors: told.error?.errors,
    response: { headers },
  })
}
