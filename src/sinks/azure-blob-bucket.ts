import { createHash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectToBlobs } from '../core/stores/azure-blob-client.ts'
import { explainBlobError, isMissing, isRefused, judgeBlobError } from '../core/stores/azure-blob-errors.ts'
import { blobRequests, wholeBody } from '../core/stores/azure-blob-requests.ts'
import type { StoreAction } from '../core/stores/verbs.ts'
import type { LakeAddress } from './address.ts'
import {
  contentType,
  type Bucket,
  type Expected,
  type Facts,
  type Staged,
  type Upload,
  type Written,
} from './bucket.ts'
import type { AzureBlobLakeOptions } from './options.ts'
import { sendParts } from './parts.ts'
import { asking, intact, meaning, sha256Of } from './requests.ts'
import type { LakeTuning } from './tuning.ts'

/** A lake in a container of Azure Blob Storage. A tag is an ETag, which no two writes ever share. */
export function azureBlobBucket(
  { address, account, bucket: container, prefix }: LakeAddress,
  env: Readonly<Record<string, string | undefined>>,
  options: AzureBlobLakeOptions,
  tuning: LakeTuning,
): Bucket {
  const connection = connectToBlobs(account, container, env)
  const explain = (error: unknown, action: StoreAction, key: string) =>
    explainBlobError(error, {
      object: `${address}/${key}`,
      account,
      container,
      action,
      endpoint: connection.endpoint,
      attempts: tuning.retry.attempts,
    })
  const ask = asking<StoreAction>({ tuning, judge: judgeBlobError, explain })
  const reading = blobRequests(connection, tuning, undefined)
  const blob = async (key: string) => (await connection.container()).getBlockBlobClient(prefix + key)
  const encryption = options.encryptionScope === undefined ? {} : { encryptionScope: options.encryptionScope }
  // For partitions and their history. Records are small and written often: a cooler tier would cost more than it saves.
  const kept = { ...encryption, ...(options.accessTier !== undefined && { tier: options.accessTier }) }

  const self: Bucket = {
    address,
    head: (key) =>
      ask('read', key, async (abortSignal) => {
        const client = await blob(key)
        return client.getProperties({ abortSignal }).then(factsOf, meaning(isMissing, undefined))
      }),
    read: (key) =>
      ask('read', key, async (abortSignal) => {
        const client = await blob(key)
        const answer = await client
          .download(0, undefined, { abortSignal, maxRetryRequests: 0 })
          .catch(meaning(isMissing, undefined))
        if (answer === undefined) return undefined
        return intact({ ...factsOf(answer), content: await wholeBody(answer, abortSignal) })
      }),
    async put(key, content, expected) {
      const writeId = randomUUID()
      const sha256 = sha256Of(content)
      const settings = {
        ...encryption,
        conditions: conditions(expected),
        metadata: notes(sha256, writeId),
        blobHTTPHeaders: headers(key, createHash('md5').update(content).digest()),
      }
      const written = await ask('write', key, async (abortSignal) => {
        const client = await blob(key)
        return client
          .upload(content, content.length, { ...settings, abortSignal })
          .then(({ etag = '' }): Written => ({ tag: etag }), meaning(isRefused, 'refused' as const))
      })
      return written === 'refused' ? ownWrite(key, writeId) : written
    },
    stage,
    async copy(from, tag, to) {
      const source = (await blob(from)).url
      const began = await ask('write', to, async (abortSignal) => {
        const client = await blob(to)
        const settings = { ...kept, sourceConditions: { ifMatch: tag }, abortSignal }
        const poller = client.beginCopyFromURL(source, { ...settings, intervalInMs: 0 })
        return poller.then(() => 'began' as const, meaning(isGone, 'refused' as const))
      })
      if (began === 'refused') return 'refused'
      // Within an account it is mostly done at once; the larger ones take a moment.
      for (let waitMs = 0; ; waitMs = Math.min(5000, waitMs + 100)) {
        await sleep(waitMs)
        const status = await ask(
          'read',
          to,
          async (abortSignal) => (await (await blob(to)).getProperties({ abortSignal })).copyStatus,
        )
        if (status === undefined || status === 'success') return 'copied'
        if (status !== 'pending') return 'refused'
      }
    },
    async remove(key) {
      await ask('delete', key, async (abortSignal) => {
        const client = await blob(key)
        await client.delete({ abortSignal }).catch(meaning(isMissing, undefined))
      })
    },
    async list(folder) {
      const start = `${prefix}${folder}/`
      const names: string[] = []
      try {
        for await (const { blobItems, blobPrefixes } of reading.pages(start)) {
          for (const { name } of blobItems) names.push(name.slice(start.length))
          for (const { name } of blobPrefixes ?? []) names.push(name.slice(start.length, -1))
        }
      } catch (error) {
        throw explain(error, 'list', folder)
      }
      return names.filter((name) => name !== '')
    },
    open: ({ key, tag, from, to }, signal) => reading.open({ key: prefix + key, etag: tag, from, to }, signal),
    judge: judgeBlobError,
    isReplaced: isGone,
    explain: (error, key) => explain(error, 'read', key),
    // Blocks that were not committed count for one blob alone, whose ETag the commit names; they go by themselves.
    endUploads: async () => undefined,
  }

  async function stage({ key, file, bytes, sha256, expected }: Upload, signal?: AbortSignal): Promise<Staged> {
    const writeId = randomUUID()
    const { uploadPartSize: partSize, uploadsAtOnce: concurrency } = tuning
    const blocks = await sendParts(
      { file, bytes, partSize, concurrency },
      async ({ number, bytes: content, md5 }, stop) => {
        const id = Buffer.from(`${writeId}-${String(number).padStart(6, '0')}`).toString('base64')
        const send = async (abortSignal: AbortSignal) => {
          const settings = { ...encryption, transactionalContentMD5: Buffer.from(md5, 'base64'), abortSignal }
          await (await blob(key)).stageBlock(id, content, content.length, settings)
        }
        await ask('write', key, send, { signal: stop, bodyBytes: content.length })
        return id
      },
      signal,
    )
    const settings = {
      ...kept,
      conditions: conditions(expected),
      metadata: notes(sha256, writeId),
      blobHTTPHeaders: headers(key),
    }
    const commit = async (): Promise<Written> => {
      const written = await ask('write', key, async (abortSignal) => {
        const client = await blob(key)
        return client
          .commitBlockList(blocks, { ...settings, abortSignal })
          .then(({ etag = '' }): Written => ({ tag: etag }), meaning(isRefused, 'refused' as const))
      })
      return written === 'refused' ? ownWrite(key, writeId) : written
    }
    return { commit, abandon: async () => undefined }
  }

  /** An answer that was lost makes the second attempt look refused: what lies there tells whether the first one won. */
  async function ownWrite(key: string, writeId: string): Promise<Written> {
    const there = await self.head(key)
    return there?.writeId === writeId ? { tag: there.tag } : 'refused'
  }
  return self
}

const isGone = (error: unknown) => isRefused(error) || isMissing(error)

const conditions = (expected: Expected) => (expected === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: expected.tag })

/** Azure takes names of metadata that are names of variables, too. */
const notes = (sha256: string, writeId: string) => ({ focalsha256: sha256, focalwrite: writeId })

const headers = (key: string, md5?: Buffer) => ({
  blobContentType: contentType(key),
  ...(md5 !== undefined && { blobContentMD5: md5 }),
})

interface Answer {
  readonly etag?: string
  readonly contentLength?: number
  readonly metadata?: Record<string, string>
  readonly lastModified?: Date
  readonly date?: Date
}

function factsOf({ etag = '', contentLength = 0, metadata, lastModified, date = new Date() }: Answer): Facts {
  return {
    tag: etag,
    bytes: contentLength,
    sha256: metadata?.['focalsha256'],
    writeId: metadata?.['focalwrite'],
    ageMs: lastModified === undefined ? 0 : Math.max(0, date.getTime() - lastModified.getTime()),
  }
}
