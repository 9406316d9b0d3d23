import type { FileHandle } from 'node:fs/promises'
import type PQueue from 'p-queue'
import { retry, type RetryOptions } from '../retry.ts'
import { whileAlive } from './idle.ts'

/**
 * Told of bytes as they become available; all calls for one object sum to its size. Bytes that have to
 * be fetched again, because their checksum was wrong, are taken back as a negative number.
 */
export type Progress = (bytes: number) => void

export interface Download {
  /** Bytes in all. */
  readonly size: number
  /** Opens the bytes from `from` up to, not including, `to`; the stream ends with an error when `signal` aborts. */
  readonly open: (from: number, to: number, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>
  readonly progress: Progress
}

export interface DownloadOptions {
  /** Bytes asked for by one request; what is larger is asked for in several at a time. */
  readonly partSize: number
  /** A request that brings nothing for so long is given up and resumed. */
  readonly idleMs: number
  readonly queue: PQueue
  readonly retry: Omit<RetryOptions, 'signal'>
}

/**
 * Writes an object into `file`, in parts that are fetched in parallel. A part whose body is cut off or stalls goes
 * on from the byte it reached. The first part that fails for good stops the others, and its error is thrown.
 */
export async function download(
  { size, open, progress }: Download,
  file: FileHandle,
  options: DownloadOptions,
  signal?: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const parts = Array.from({ length: Math.ceil(size / options.partSize) }, (_, part) => part * options.partSize)
  // The queue gets no signal: it would give up a part that still runs, and the file would close under its writes.
  const fetchPart = (from: number) =>
    options.queue.add(() => downloadPart({ size, open, progress }, from, file, options, stop))

  await Promise.all(parts.map((from) => fetchPart(from).catch((error: unknown) => failed.abort(error))))
  signal?.throwIfAborted()
  failed.signal.throwIfAborted()
}

async function downloadPart(
  { size, open, progress }: Download,
  from: number,
  file: FileHandle,
  { partSize, idleMs, retry: retryOptions }: DownloadOptions,
  signal: AbortSignal,
): Promise<void> {
  const to = Math.min(from + partSize, size)
  let position = from
  const readOn = () =>
    whileAlive(idleMs, signal, async (attempt, alive) => {
      for await (const chunk of await open(position, to, attempt)) {
        alive()
        const wanted = chunk.subarray(0, to - position)
        await writeAll(file, wanted, position)
        position += wanted.length
        progress(wanted.length)
        if (wanted.length < chunk.length) return
      }
      if (position < to) throw endedEarly(to - position)
    })
  await retry(readOn, { ...retryOptions, signal })
}

/** A write may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten
  }
}

/** The server closed a body in good order that lacks bytes: to the caller the same as a connection that broke. */
function endedEarly(missing: number): Error {
  return Object.assign(new Error(`the body ended ${missing} bytes early`), { code: 'ECONNRESET' })
}
