import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { retry } from '../../../core/retry.ts'
import { arrowToParquet } from './arrow.ts'
import type { Connection, StorageClient } from './connection.ts'
import { explainError, isPastEnd, judgeError } from './errors.ts'
import { refuseTooLarge } from './max-bytes.ts'
import { restriction, type Month } from './months.ts'
import type { Piece, Reading } from './reading.ts'
import type { ExportTable } from './table.ts'

/** What it takes to go on with a session from another process. */
export const sessionState = z.object({
  api: z.literal('storage'),
  streams: z.array(z.string()),
  /** Arrow's schema message, base64. */
  schema: z.string(),
  /** Milliseconds since 1970. */
  expires: z.number(),
})
export type SessionState = z.infer<typeof sessionState>

interface ArrowPiece extends Piece {
  readonly batch: Uint8Array
}

/** As many streams as are read at once: more would only be waited for. */
export const streamsAtOnce = 4

/**
 * Opens a session on a month's rows. Nothing is read, and nothing billed, before the size that BigQuery expects
 * has been compared with `maxBytes`. Errors come out as the client library gives them, so that the caller can tell
 * a session that may not be created.
 */
export async function createSession(
  table: ExportTable,
  month: Month,
  connection: Connection,
  maxBytes: number,
): Promise<SessionState> {
  const client = await connection.openStorage()
  try {
    const request = {
      parent: `projects/${connection.project}`,
      readSession: {
        table: `projects/${table.project}/datasets/${table.dataset}/tables/${table.name}`,
        dataFormat: 'ARROW' as const,
        readOptions: {
          selectedFields: table.fields.flatMap(({ name }) => name ?? []),
          rowRestriction: restriction(table, month),
          arrowSerializationOptions: { bufferCompression: 'COMPRESSION_UNSPECIFIED' as const },
        },
      },
      maxStreamCount: streamsAtOnce,
    }
    const { retry: policy, signal } = connection
    const [session] = await retry(
      () => client.createReadSession(request, { retry: null, timeout: connection.idleMs }),
      {
        policy,
        judge: judgeError,
        signal,
      },
    )
    refuseTooLarge(Number(session.estimatedTotalBytesScanned ?? 0), maxBytes, table, month)
    return {
      api: 'storage',
      streams: (session.streams ?? []).flatMap(({ name }) => name ?? []),
      schema: Buffer.from(session.arrowSchema?.serializedSchema ?? '').toString('base64'),
      expires: Number(session.expireTime?.seconds ?? 0) * 1000,
    }
  } finally {
    await client.close()
  }
}

/** Reads a session's streams. */
export async function openSession(
  state: SessionState,
  table: ExportTable,
  connection: Connection,
): Promise<Reading<ArrowPiece>> {
  const client = await connection.openStorage()
  const schema = Buffer.from(state.schema, 'base64')
  const attempt = {
    table: table.id,
    project: connection.project,
    permission: 'bigquery.readsessions.getData',
    attempts: connection.retry.attempts,
  }
  return {
    streams: state.streams.length,
    read: (stream, offset, signal) => readStream(client, state.streams[stream] ?? '', offset, signal),
    async write(pieces, path) {
      await writeFile(
        path,
        await arrowToParquet(
          schema,
          pieces.map(({ batch }) => batch),
        ),
      )
    },
    explain: (error) => explainError(error, attempt),
    close: () => client.close(),
  }
}

async function* readStream(
  client: StorageClient,
  name: string,
  offset: number,
  signal: AbortSignal,
): AsyncIterable<ArrowPiece> {
  const answers = client.readRows(
    { readStream: name, offset },
    { retryRequestOptions: { retries: 0, noResponseRetries: 0 } },
  )
  const stop = () => answers.destroy(signal.reason as Error)
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const answer of answers) {
      const { rowCount, arrowRecordBatch } = answer as RowsAnswer
      const batch = arrowRecordBatch?.serializedRecordBatch
      if (batch !== undefined) yield { rows: Number(rowCount), bytes: batch.length, batch }
    }
  } catch (error) {
    if (!isPastEnd(error)) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    answers.cancel()
  }
}

interface RowsAnswer {
  readonly rowCount?: string | number
  readonly arrowRecordBatch?: { readonly serializedRecordBatch?: Uint8Array }
}
