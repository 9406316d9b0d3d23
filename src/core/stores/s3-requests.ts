import { addAbortSignal, Readable } from 'node:stream'
import type { HeadObjectCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { DataError } from '../errors.ts'
import { retry } from '../retry.ts'
import { whileAlive } from './idle.ts'
import type { S3Connection, S3Request } from './s3-client.ts'
import { judgeS3Error } from './s3-errors.ts'
import type { StoreTuning } from './tuning.ts'

/**
 * The four requests that reading takes, by full key. All but `open` are tried again as the policy says, and every
 * one throws the client library's own errors.
 */
export interface S3Requests {
  pages(prefix: string): AsyncIterable<ListObjectsV2CommandOutput>
  /** With an `etag`, status 412 when the object is another by now. */
  head(key: string, etag?: string): Promise<HeadObjectCommandOutput>
  readWhole(key: string): Promise<Buffer>
  /** One attempt at the bytes from `from` up to, not including, `to`. */
  open(range: { key: string; etag: string; from: number; to: number }, signal: AbortSignal): Promise<Readable>
}

export function s3Requests(
  bucket: string,
  connection: S3Connection,
  tuning: StoreTuning,
  signal: AbortSignal | undefined,
): S3Requests {
  function ask<T>(request: (attempt: AbortSignal) => S3Request<T>): Promise<T> {
    const once = () => whileAlive(tuning.idleMs, signal, (attempt) => connection.send(request(attempt)))
    return retry(once, {
      policy: tuning.retry,
      judge: judgeS3Error,
      sleep: tuning.sleep,
      random: tuning.random,
      signal,
    })
  }

  return {
    async *pages(prefix) {
      const input = { Bucket: bucket, Prefix: prefix, Delimiter: '/', MaxKeys: tuning.pageSize }
      let token: string | undefined
      do {
        const paged = { ...input, ContinuationToken: token }
        const page = await ask(
          (abortSignal) => (sdk, client) => client.send(new sdk.ListObjectsV2Command(paged), { abortSignal }),
        )
        yield page
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined
      } while (token !== undefined)
    },
    head(key, etag) {
      const input = { Bucket: bucket, Key: key, ChecksumMode: 'ENABLED', IfMatch: etag && `"${etag}"` } as const
      return ask((abortSignal) => (sdk, client) => client.send(new sdk.HeadObjectCommand(input), { abortSignal }))
    },
    readWhole(key) {
      return ask((abortSignal) => async (sdk, client) => {
        const answer = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })
        return Buffer.concat(await addAbortSignal(abortSignal, readable(answer.Body)).toArray())
      })
    },
    async open({ key, etag, from, to }, abortSignal) {
      const input = { Bucket: bucket, Key: key, IfMatch: `"${etag}"`, Range: `bytes=${from}-${to - 1}` }
      const answer = await connection.send((sdk, client) =>
        client.send(new sdk.GetObjectCommand(input), { abortSignal }),
      )
      const body = addAbortSignal(abortSignal, readable(answer.Body))
      if (answer.ContentRange?.startsWith(`bytes ${from}-${to - 1}/`) === true) return body
      body.destroy()
      throw notTheRange(`s3://${bucket}/${key}`, `${from}-${to - 1}`, answer.ContentRange)
    },
  }
}

function readable(body: unknown): Readable {
  if (body instanceof Readable) return body
  throw new TypeError('the client library gave a body that is no stream')
}

function notTheRange(object: string, asked: string, got: string | undefined): DataError {
  return new DataError(`${object}: asked for bytes ${asked}, got ${got ?? 'the whole object'}`, {
    where: { file: object },
    hint: 'The server, or a proxy in front of it, does not know ranged reads; focal needs them.',
  })
}
