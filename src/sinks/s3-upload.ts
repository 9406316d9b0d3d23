import type {
  ListMultipartUploadsCommandInput,
  ListMultipartUploadsCommandOutput,
  UploadPartCommandOutput,
} from '@aws-sdk/client-s3'
import { DataError } from '../core/errors.ts'
import { isMissing, isRefused } from '../core/stores/s3-errors.ts'
import { contentType, type Staged, type Upload, type Written } from './bucket.ts'
import { sendParts } from './parts.ts'
import { meaning } from './requests.ts'
import type { S3Lake } from './s3-bucket.ts'

const multipartLimit = 10_000

interface Making {
  /** Headers of the last request, which makes the object. */
  readonly conditions: { readonly IfMatch?: string; readonly IfNoneMatch?: string }
  readonly metadata: Record<string, string>
}

/** The condition does not hold, or the upload is over: done by an attempt whose answer was lost, or ended. */
const isGone = (error: unknown) => isRefused(error) || isMissing(error)

/**
 * Always an upload in parts, however small the file: `endUploads` of a run that takes over is then a fence that no
 * commit of a displaced run gets past, which the ETag alone is not (the same bytes again have the same one).
 */
export async function stageParts(
  lake: S3Lake,
  upload: Upload,
  { conditions, metadata }: Making,
  signal?: AbortSignal,
): Promise<Staged> {
  const { connection, tuning, ask } = lake
  const { key, file, bytes } = upload
  const place = { Bucket: lake.bucket, Key: lake.fullKey(key) }
  const begin = { ...place, ...lake.kept, ContentType: contentType(key), Metadata: metadata }
  const { UploadId } = await ask(
    's3:PutObject',
    key,
    (abortSignal) =>
      connection.send((sdk, client) => client.send(new sdk.CreateMultipartUploadCommand(begin), { abortSignal })),
    { signal },
  )
  const abandon = () => abort(lake, place.Key, UploadId)
  const partSize = Math.max(tuning.uploadPartSize, Math.ceil(bytes / multipartLimit))
  try {
    const cut = { file, bytes, partSize, concurrency: tuning.uploadsAtOnce }
    const parts = await sendParts(
      cut,
      async ({ number, bytes: Body, md5 }, stop) => {
        const input = { ...place, UploadId, PartNumber: number, Body, ContentMD5: md5 }
        const sent = await ask(
          's3:PutObject',
          key,
          (abortSignal) =>
            connection.send((sdk, client) => client.send(new sdk.UploadPartCommand(input), { abortSignal })),
          { signal: stop, bodyBytes: Body.length },
        )
        if (isAltered(sent, md5)) throw wrongPart(`s3://${place.Bucket}/${place.Key}`, number)
        return { PartNumber: number, ETag: sent.ETag }
      },
      signal,
    )
    const end = { ...place, ...conditions, UploadId, MultipartUpload: { Parts: parts } }
    const commit = () =>
      ask('s3:PutObject', key, (abortSignal) =>
        connection
          .send((sdk, client) => client.send(new sdk.CompleteMultipartUploadCommand(end), { abortSignal }))
          .then(({ ETag = '' }): Written => ({ tag: ETag }), meaning(isGone, 'refused' as const)),
      )
    return { commit, abandon }
  } catch (error) {
    await abandon().catch(() => undefined)
    throw error
  }
}

/**
 * S3 itself compares the MD5 that goes along; a store that does not look at it mostly has it as the part's ETag, which
 * is something else where a key of a key service encrypts it, and with stores that name parts otherwise.
 */
function isAltered({ ETag = '', ServerSideEncryption }: UploadPartCommandOutput, md5: string): boolean {
  const isDigest = /^"[0-9a-f]{32}"$/.test(ETag) && ServerSideEncryption?.startsWith('aws:kms') !== true
  return isDigest && ETag !== `"${Buffer.from(md5, 'base64').toString('hex')}"`
}

function wrongPart(object: string, part: number): DataError {
  return new DataError(`part ${part} of ${object} arrived with other bytes than were sent`, {
    where: { file: object },
    hint: 'Something between here and the store alters the data; try another network.',
  })
}

async function abort({ bucket, connection, ask }: S3Lake, Key: string, UploadId: string | undefined): Promise<void> {
  await ask('s3:AbortMultipartUpload', Key, (abortSignal) =>
    connection
      .send((sdk, client) =>
        client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }), { abortSignal }),
      )
      .then(() => undefined, meaning(isGone, undefined)),
  )
}

/** Ends every upload in parts of the lake, whoever began it. */
export async function endUploads(lake: S3Lake): Promise<void> {
  const input = { Bucket: lake.bucket, Prefix: lake.fullKey('') }
  let from: Pick<ListMultipartUploadsCommandOutput, 'KeyMarker' | 'UploadIdMarker'> | undefined = {}
  while (from !== undefined) {
    const paged: ListMultipartUploadsCommandInput = { ...input, ...from }
    const page: ListMultipartUploadsCommandOutput = await lake.ask('s3:ListBucketMultipartUploads', '', (abortSignal) =>
      lake.connection.send((sdk, client) => client.send(new sdk.ListMultipartUploadsCommand(paged), { abortSignal })),
    )
    for (const { Key = '', UploadId } of page.Uploads ?? []) await abort(lake, Key, UploadId)
    from =
      page.IsTruncated === true ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined
  }
}
