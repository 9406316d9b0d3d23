import PQueue from 'p-queue'
import { RetryableError } from '../../../core/errors.ts'
import { retry, type RetryPolicy, type Verdict } from '../../../core/retry.ts'
import { whileAlive } from '../../../core/stores/idle.ts'
import { judgeError } from './errors.ts'
import type { Parts } from './parts.ts'
import type { Piece, Reading } from './reading.ts'

export interface StreamOptions {
  readonly retry: RetryPolicy
  readonly idleMs: number
  readonly streamsAtOnce: number
  /** A part is written when it has this many rows, or bytes as they arrived. */
  readonly rowsPerPart: number
  readonly bytesPerPart: number
  readonly signal?: AbortSignal | undefined
  readonly progress: (bytes: number) => void
}

/** What a reading has to hold, and its name for messages. */
export interface Promised {
  readonly rows: number
  readonly what: string
}

/**
 * Reads every stream to its end, each from where its parts end, and again from there while rows are missing: a
 * server may end a stream early. RetryableError when the streams hold more or fewer rows than promised.
 */
export async function readStreams<P extends Piece>(
  reading: Reading<P>,
  parts: Parts,
  promised: Promised,
  options: StreamOptions,
): Promise<void> {
  const tooFew = new Error('rows are missing')
  const readAll = async () => {
    await readSideBySide(reading, parts, options)
    if (parts.rows() < promised.rows) throw tooFew
  }
  const judge = (error: unknown): Verdict => (error === tooFew ? {} : 'final')
  try {
    await retry(readAll, { policy: options.retry, judge, signal: options.signal })
  } catch (error) {
    throw error === tooFew ? endedEarly(parts.rows(), promised, options.retry) : error
  }
  if (parts.rows() > promised.rows) {
    throw new RetryableError(`${promised.what} has ${parts.rows()} rows now, ${promised.rows} when they were counted`, {
      hint: 'The table was written to in between; run again.',
    })
  }
}

async function readSideBySide<P extends Piece>(reading: Reading<P>, parts: Parts, options: StreamOptions) {
  const queue = new PQueue({ concurrency: options.streamsAtOnce })
  const failed = new AbortController()
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal])
  const readOne = async (stream: number) => {
    try {
      await readStream(reading, stream, parts, { ...options, signal })
    } catch (error) {
      // The first error is the one to tell; the other streams need not go on.
      failed.abort(error)
    }
  }
  // Waits for all of them, so that nothing is written any more when this is over.
  await Promise.all(Array.from({ length: reading.streams }, (_, stream) => queue.add(() => readOne(stream))))
  failed.signal.throwIfAborted()
}

async function readStream<P extends Piece>(reading: Reading<P>, stream: number, parts: Parts, options: StreamOptions) {
  const { rowsPerPart, bytesPerPart, progress, signal, idleMs } = options
  let pieces: P[] = []
  let rows = 0
  let bytes = 0

  async function flush(): Promise<void> {
    if (rows === 0) return
    const full = pieces
    const count = rows
    await parts.add(stream, count, (path) => reading.write(full, path))
    pieces = []
    rows = 0
    bytes = 0
  }

  /** True when the stream is at its end. A break after some rows is no failed attempt: what follows is a new one. */
  async function readOn(): Promise<boolean> {
    const start = parts.end(stream) + rows
    try {
      await whileAlive(idleMs, signal, async (limit, alive) => {
        for await (const piece of reading.read(stream, start, limit)) {
          alive()
          pieces.push(piece)
          rows += piece.rows
          bytes += piece.bytes
          progress(piece.bytes)
          if (rows >= rowsPerPart || bytes >= bytesPerPart) {
            await flush()
            alive()
          }
        }
      })
      return true
    } catch (error) {
      signal?.throwIfAborted()
      if (parts.end(stream) + rows > start && judgeError(error) !== 'final') return false
      throw error
    }
  }

  try {
    while (!(await retry(readOn, { policy: options.retry, judge: judgeError, signal })));
  } catch (error) {
    signal?.throwIfAborted()
    await flush()
    throw reading.explain(error)
  }
  await flush()
}

function endedEarly(found: number, { rows, what }: Promised, { attempts }: RetryPolicy): RetryableError {
  return new RetryableError(`${what} has ${rows} rows, but its streams ended after ${found}`, {
    hint: `They were asked ${attempts} times for the rest; run again.`,
  })
}
