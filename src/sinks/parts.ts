import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import PQueue from 'p-queue'

export interface Part {
  /** From 1. */
  readonly number: number
  readonly from: number
  readonly bytes: Buffer
  /** Base64: the store compares it with what arrives. */
  readonly md5: string
}

export interface Cut {
  readonly file: string
  readonly bytes: number
  readonly partSize: number
  readonly concurrency: number
}

/**
 * Sends a file in parts, several at a time, each on its own: what fails is sent again alone. At most `concurrency`
 * parts are in memory. Gives what `send` gave, in the order of the parts; the first part that fails for good stops
 * those that have not begun.
 */
export async function sendParts<Sent>(
  { file, bytes, partSize, concurrency }: Cut,
  send: (part: Part, signal: AbortSignal) => Promise<Sent>,
  signal?: AbortSignal,
): Promise<Sent[]> {
  const handle = await open(file, 'r')
  const failed = new AbortController()
  const stop = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const queue = new PQueue({ concurrency })
  const count = Math.max(1, Math.ceil(bytes / partSize))
  const sendPart = async (index: number): Promise<Sent> => {
    stop.throwIfAborted()
    const from = index * partSize
    const content = Buffer.alloc(Math.min(partSize, bytes - from))
    await readAll(handle, content, from)
    const md5 = createHash('md5').update(content).digest('base64')
    return send({ number: index + 1, from, bytes: content, md5 }, stop)
  }
  try {
    const sent = Array.from({ length: count }, (_, index) =>
      queue.add(() => sendPart(index)).catch((error: unknown) => failed.abort(error)),
    )
    const done = await Promise.all(sent)
    signal?.throwIfAborted()
    failed.signal.throwIfAborted()
    return done as Sent[]
  } finally {
    await handle.close()
  }
}

async function readAll(file: Awaited<ReturnType<typeof open>>, into: Buffer, from: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, from + done)
    if (bytesRead === 0) throw new Error('the file that is being uploaded became shorter')
    done += bytesRead
  }
}
