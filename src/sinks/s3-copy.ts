import { randomUUID } from 'node:crypto'
import { isMissing, isRefused } from '../core/stores/s3-errors.ts'
import { contentType } from './bucket.ts'
import { meaning } from './requests.ts'
import type { S3Lake } from './s3-bucket.ts'

/** A copy within the bucket, in parts where the object is larger than one request may copy (5 GiB). */
export async function s3Copy(lake: S3Lake, from: string, tag: string, to: string): Promise<'copied' | 'refused'> {
  const { connection, ask, bucket, fullKey } = lake
  const found = await ask('s3:GetObject', from, (abortSignal) =>
    connection
      .send((sdk, client) =>
        client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: fullKey(from), IfMatch: tag }), { abortSignal }),
      )
      .catch(meaning(isGone, undefined)),
  )
  if (found === undefined) return 'refused'
  const source = { CopySource: encodeURI(`${bucket}/${fullKey(from)}`).replaceAll('+', '%2B'), CopySourceIfMatch: tag }
  const target = { Bucket: bucket, Key: fullKey(to) }
  const bytes = found.ContentLength ?? 0
  if (bytes > lake.tuning.largestCopy)
    return copyInParts(lake, to, { ...source, ...target }, bytes, found.Metadata ?? {})
  return ask('s3:PutObject', to, (abortSignal) =>
    connection
      .send((sdk, client) =>
        client.send(new sdk.CopyObjectCommand({ ...target, ...source, ...lake.kept }), { abortSignal }),
      )
      .then((): 'copied' => 'copied', meaning(isGone, 'refused' as const)),
  )
}

const isGone = (error: unknown) => isRefused(error) || isMissing(error)

interface Ends {
  readonly Bucket: string
  readonly Key: string
  readonly CopySource: string
  readonly CopySourceIfMatch: string
}

async function copyInParts(
  { connection, ask, kept, tuning }: S3Lake,
  to: string,
  { Bucket, Key, ...source }: Ends,
  bytes: number,
  metadata: Record<string, string>,
): Promise<'copied' | 'refused'> {
  const begin = {
    Bucket,
    Key,
    ...kept,
    ContentType: contentType(to),
    Metadata: { ...metadata, 'focal-write': randomUUID() },
  }
  const { UploadId } = await ask('s3:PutObject', to, (abortSignal) =>
    connection.send((sdk, client) => client.send(new sdk.CreateMultipartUploadCommand(begin), { abortSignal })),
  )
  const upload = { Bucket, Key, UploadId }
  const parts: { PartNumber: number; ETag: string | undefined }[] = []
  for (let start = 0; start < bytes; start += tuning.largestCopy) {
    const PartNumber = parts.length + 1
    const CopySourceRange = `bytes=${start}-${Math.min(bytes, start + tuning.largestCopy) - 1}`
    const input = { ...upload, ...source, PartNumber, CopySourceRange }
    const copied = await ask('s3:PutObject', to, (abortSignal) =>
      connection
        .send((sdk, client) => client.send(new sdk.UploadPartCopyCommand(input), { abortSignal }))
        .catch(meaning(isGone, undefined)),
    )
    // The parts already copied end with the next run's endUploads.
    if (copied === undefined) return 'refused'
    parts.push({ PartNumber, ETag: copied.CopyPartResult?.ETag })
  }
  const end = { ...upload, MultipartUpload: { Parts: parts } }
  return ask('s3:PutObject', to, (abortSignal) =>
    connection
      .send((sdk, client) => client.send(new sdk.CompleteMultipartUploadCommand(end), { abortSignal }))
      .then((): 'copied' => 'copied', meaning(isGone, 'refused' as const)),
  )
}
