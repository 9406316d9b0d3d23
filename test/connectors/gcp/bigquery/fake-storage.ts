import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { protos } from '@google-cloud/bigquery-storage'
import {
  Server,
  ServerCredentials,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { readParquet, type RecordBatch } from 'parquet-wasm'
import { quoteIdentifier, quoteText, type Session } from '../../../../src/core/duckdb.ts'

const { storage } = protos.google.cloud.bigquery
const { CreateReadSessionRequest, ReadSession, ReadRowsRequest, ReadRowsResponse } = storage.v1
type SessionRequest = protos.google.cloud.bigquery.storage.v1.CreateReadSessionRequest
type SessionAnswer = protos.google.cloud.bigquery.storage.v1.IReadSession
type RowsRequest = protos.google.cloud.bigquery.storage.v1.ReadRowsRequest
type RowsAnswer = protos.google.cloud.bigquery.storage.v1.IReadRowsResponse

export type StorageFault =
  | { readonly on: 'session'; readonly code: number; readonly details: string }
  /** The stream has sent so many rows when it fails, falls silent, or ends as if that were all. */
  | {
      readonly on: 'rows'
      readonly stream?: number
      readonly after: number
      readonly ending: { readonly code: number; readonly details: string } | 'stall' | 'end'
    }

export interface StorageOptions {
  readonly session: Session
  readonly folder: string
  readonly streams: number
  readonly batchSize: number
  readonly estimatedBytes: number
  readonly log: (line: string) => void
  readonly faults: StorageFault[]
}

/** The Storage Read API over gRPC: sessions are made by DuckDB, and their rows are sent as Arrow. */
export async function startStorage(options: StorageOptions) {
  const { log, faults } = options
  const sessions = new Map<string, readonly (readonly RecordBatch[])[]>()

  const createReadSession: handleUnaryCall<SessionRequest, SessionAnswer> = async (call, answer) => {
    const { readSession, parent, maxStreamCount } = call.request
    const { selectedFields = [], rowRestriction = '' } = readSession?.readOptions ?? {}
    log(
      `session of ${parent}, ${selectedFields?.length} fields of ${readSession?.table}, ${maxStreamCount} streams, ${rowRestriction}`,
    )
    const at = faults.findIndex(({ on }) => on === 'session')
    const fault = at === -1 ? undefined : faults.splice(at, 1)[0]
    if (fault?.on === 'session') {
      answer(fault)
      return
    }
    const { streams, schema } = await makeSession(options, selectedFields ?? [], rowRestriction ?? '')
    const name = `${parent}/locations/eu/sessions/${sessions.size}`
    sessions.set(name, streams)
    answer(null, {
      name,
      arrowSchema: { serializedSchema: schema },
      streams: streams.map((_, stream) => ({ name: `${name}/streams/${stream}` })),
      estimatedTotalBytesScanned: options.estimatedBytes,
      expireTime: { seconds: Math.floor(Date.now() / 1000) + 6 * 60 * 60 },
    })
  }

  const readRows: handleServerStreamingCall<RowsRequest, RowsAnswer> = async (call) => {
    const [, name = '', number = ''] = /^(.*)\/streams\/(\d+)$/.exec(call.request.readStream) ?? []
    const stream = Number(number)
    const offset = Number(call.request.offset)
    log(`stream ${stream} from ${offset}`)
    const batches = sessions.get(name)?.[stream]
    if (batches === undefined) {
      call.emit('error', { code: 5, details: 'no such session' })
      return
    }
    const at = faults.findIndex((one) => one.on === 'rows' && (one.stream ?? stream) === stream)
    const fault = at === -1 ? undefined : faults.splice(at, 1)[0]
    await sendRows(call, batches, offset, fault?.on === 'rows' ? fault : undefined)
  }

  const server = new Server({ 'grpc.max_send_message_length': -1 })
  server.addService(service, { createReadSession, readRows })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    address: `127.0.0.1:${port}`,
    /** As after six hours. */
    forgetSessions: () => sessions.clear(),
    close: () => server.forceShutdown(),
  }
}

async function makeSession(
  { session, folder, streams: count, batchSize }: StorageOptions,
  fields: string[],
  where: string,
) {
  const file = path.join(folder, 'session.parquet')
  const columns = fields.map(quoteIdentifier).join(', ')
  await session.run(`COPY (SELECT ${columns} FROM export WHERE ${where}) TO ${quoteText(file)} (FORMAT parquet)`)
  const table = readParquet(await readFile(file), { batchSize })
  const batches = table.recordBatches()
  const each = Math.ceil(batches.length / count)
  const streams = Array.from({ length: count }, (_, stream) => batches.slice(stream * each, (stream + 1) * each))
  return { streams, schema: withoutEnd(table.schema.intoIPCStream()) }
}

/** A stream of Arrow ends with eight bytes; before them lie the schema and, in one with rows, a batch. */
function withoutEnd(stream: Uint8Array): Uint8Array {
  return stream.subarray(0, -8)
}

/** The batch's message alone: the schema's goes before it, and says its own length. */
function batchMessage(batch: RecordBatch): Uint8Array {
  const bytes = withoutEnd(batch.intoIPCStream())
  const schemaLength = 8 + new DataView(bytes.buffer, bytes.byteOffset).getInt32(4, true)
  return bytes.subarray(schemaLength)
}

type RowsFault = Extract<StorageFault, { on: 'rows' }>

async function sendRows(
  call: ServerWritableStream<RowsRequest, RowsAnswer>,
  batches: readonly RecordBatch[],
  offset: number,
  fault: RowsFault | undefined,
): Promise<void> {
  let first = 0
  let left = fault?.after ?? Infinity
  for (const batch of batches) {
    const from = Math.max(offset - first, 0)
    const rows = Math.min(batch.numRows - from, left)
    first += batch.numRows
    if (from >= batch.numRows || rows <= 0) continue
    left -= rows
    const serializedRecordBatch = batchMessage(batch.slice(from, rows))
    if (!call.write({ rowCount: rows, arrowRecordBatch: { serializedRecordBatch } })) {
      await new Promise((resolve) => call.once('drain', resolve))
    }
    if (call.cancelled) return
  }
  if (fault?.ending === 'stall') return
  if (fault === undefined || fault.ending === 'end') call.end()
  else call.emit('error', fault.ending)
}

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array }
  decode(bytes: Uint8Array): unknown
}
const serialize = <T>(codec: Codec<T>) => ({
  serialize: (message: T) => Buffer.from(codec.encode(message).finish()),
  deserialize: (bytes: Buffer) => codec.decode(bytes),
})

function method<Request, Answer>(
  name: string,
  request: Codec<Request>,
  answer: Codec<Answer>,
  responseStream: boolean,
) {
  const [asked, told] = [serialize(request), serialize(answer)]
  return {
    path: `/google.cloud.bigquery.storage.v1.BigQueryRead/${name}`,
    requestStream: false as const,
    responseStream,
    requestSerialize: asked.serialize,
    requestDeserialize: asked.deserialize,
    responseSerialize: told.serialize,
    responseDeserialize: told.deserialize,
  }
}

const service = {
  createReadSession: method('CreateReadSession', CreateReadSessionRequest, ReadSession, false),
  readRows: method('ReadRows', ReadRowsRequest, ReadRowsResponse, true),
} as unknown as ServiceDefinition
