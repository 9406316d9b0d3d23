import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** What a request that changes a store is for, in words that the three protocols share. */
export type WriteVerb = 'PUT' | 'BEGIN' | 'PART' | 'COMMIT' | 'COPY' | 'DELETE' | 'ABORT' | 'UPLOADS'

/** Troubles of a write beside those that a read may have. */
export type WriteFault =
  /** The request is carried out, and the connection is reset instead of an answer. */
  | { readonly answer: 'lost' }
  /** The body arrives with other bytes than were sent. */
  | { readonly damaged: true }
  /** No answer ever comes, and nothing is carried out. */
  | { readonly silent: true }

/** A write as it arrived. */
export interface SeenWrite {
  readonly verb: WriteVerb
  readonly key: string
  readonly headers: IncomingHttpHeaders
  readonly query: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** undefined when the client goes away before it has sent everything. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

export function damaged(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff))
}
