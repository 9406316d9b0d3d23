import { randomUUID } from 'node:crypto'
import type { File } from '@google-cloud/storage'
import { checksumOf } from '../core/stores/checksum.ts'
import { connectToGcs } from '../core/stores/gcs-client.ts'
import { explainGcsError, isMissing, isRefused, judgeGcsError } from '../core/stores/gcs-errors.ts'
import { gcsRequests, unlessAborted } from '../core/stores/gcs-requests.ts'
import type { StoreAction } from '../core/stores/verbs.ts'
import type { LakeAddress } from './address.ts'
import { contentType, type Bucket, type Expected, type Facts, type Written } from './bucket.ts'
import { stageResumable, type GcsLake } from './gcs-upload.ts'
import type { GcsLakeOptions } from './options.ts'
import { asking, intact, meaning, sha256Of } from './requests.ts'
import type { LakeTuning } from './tuning.ts'

/** A lake in a bucket of Google Cloud Storage. A tag is a generation, which no two writes ever share. */
export function gcsBucket(
  { address, bucket, prefix }: LakeAddress,
  env: Readonly<Record<string, string | undefined>>,
  options: GcsLakeOptions,
  tuning: LakeTuning,
): Bucket {
  const connection = connectToGcs(bucket, env)
  const explain = (error: unknown, action: StoreAction, key: string) =>
    explainGcsError(error, {
      object: `${address}/${key}`,
      bucket,
      action,
      endpoint: connection.endpoint,
      attempts: tuning.retry.attempts,
    })
  const patient = asking<StoreAction>({ tuning, judge: judgeGcsError, explain })
  const ask: typeof patient = (action, key, request, settings) =>
    patient(action, key, (attempt) => unlessAborted(request(attempt), attempt), settings)
  const lake: GcsLake = { connection, ask, tuning, options, fullKey: (key) => prefix + key }
  const reading = gcsRequests(connection, tuning, undefined)
  async function readWhole(key: string, { tag: generation, bytes }: Facts, signal: AbortSignal): Promise<Buffer> {
    // A range of no bytes cannot be asked for.
    if (bytes === 0) return Buffer.alloc(0)
    const chunks: Uint8Array[] = []
    const range = { key: prefix + key, generation, from: 0, to: bytes }
    for await (const chunk of await reading.open(range, signal)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  const fileOf = async (key: string, generation?: string) =>
    (await connection.bucket()).file(prefix + key, generation === undefined ? {} : { generation: Number(generation) })

  const self: Bucket = {
    address,
    head: (key) => ask('read', key, async () => metadataOf(await fileOf(key)).catch(meaning(isMissing, undefined))),
    async read(key) {
      for (;;) {
        const facts = await self.head(key)
        if (facts === undefined) return undefined
        const found = await ask('read', key, async (attempt) =>
          readWhole(key, facts, attempt).then(
            (content) => intact({ ...facts, content }),
            meaning(isMissing, undefined),
          ),
        )
        // Another generation by now: what was there when we looked is gone, unless versions are kept.
        if (found !== undefined) return found
      }
    },
    async put(key, content, expected) {
      const writeId = randomUUID()
      const sha256 = sha256Of(content)
      const encrypted = options.kmsKey === undefined ? {} : { kmsKeyName: options.kmsKey }
      const written = await ask('write', key, async (): Promise<Written> => {
        const file = (await connection.bucket()).file(prefix + key, encrypted)
        const settings = {
          resumable: false,
          validation: 'md5',
          preconditionOpts: { ifGenerationMatch: generationOf(expected) },
          metadata: { contentType: contentType(key), metadata: notes(sha256, writeId) },
        }
        return file
          .save(content, settings)
          .then((): Written => ({ tag: String(file.metadata.generation) }), meaning(isRefused, 'refused' as const))
      })
      return written === 'refused' ? ownWrite(self, key, writeId) : written
    },
    async stage(upload, signal) {
      const writeId = randomUUID()
      const condition = generationOf(upload.expected)
      // Google makes no object of bytes that have another MD5.
      const { value: md5Hash } = await checksumOf(upload.file, 'MD5', signal)
      const about = { contentType: contentType(upload.key), metadata: notes(upload.sha256, writeId) }
      const object = { ...kept(options), ...about, md5Hash }
      const staged = await stageResumable(lake, upload, { condition, object }, signal)
      return {
        abandon: () => staged.abandon(),
        async commit() {
          const written = await staged.commit()
          return written === 'refused' ? ownWrite(self, upload.key, writeId) : written
        },
      }
    },
    async copy(from, tag, to) {
      return ask('write', to, async () => {
        const source = await fileOf(from, tag)
        const key = options.kmsKey === undefined ? {} : { destinationKmsKeyName: options.kmsKey }
        return source.copy(await fileOf(to), key).then((): 'copied' => 'copied', meaning(isMissing, 'refused' as const))
      })
    },
    async remove(key) {
      await ask('delete', key, async () => {
        await (await fileOf(key)).delete().catch(meaning(isMissing, undefined))
      })
    },
    async list(folder) {
      const start = `${prefix}${folder}/`
      const names: string[] = []
      try {
        for await (const page of reading.pages(start)) {
          for (const { name } of page.items) names.push(name.slice(start.length))
          for (const name of page.prefixes) names.push(name.slice(start.length, -1))
        }
      } catch (error) {
        throw explain(error, 'list', folder)
      }
      return names.filter((name) => name !== '')
    },
    open: ({ key, tag, from, to }, signal) => reading.open({ key: prefix + key, generation: tag, from, to }, signal),
    judge: judgeGcsError,
    isReplaced: isMissing,
    explain: (error, key) => explain(error, 'read', key),
    // The condition of an upload names the generation that it replaces, and Google compares it at the last byte.
    endUploads: async () => undefined,
  }
  return self
}

const kept = ({ storageClass }: GcsLakeOptions) => (storageClass === undefined ? {} : { storageClass })

const notes = (sha256: string, writeId: string) => ({ 'focal-sha256': sha256, 'focal-write': writeId })

const generationOf = (expected: Expected) => (expected === 'absent' ? 0 : expected.tag)

async function ownWrite(bucket: Bucket, key: string, writeId: string): Promise<Written> {
  const there = await bucket.head(key)
  return there?.writeId === writeId ? { tag: there.tag } : 'refused'
}

async function metadataOf(file: File): Promise<Facts> {
  const [{ generation = '', size = 0, updated, metadata }, answer] = await file.getMetadata()
  const { headers } = answer as { headers?: Record<string, string> }
  const now = Date.parse(headers?.['date'] ?? '') || Date.now()
  return {
    tag: String(generation),
    bytes: Number(size),
    sha256: noteOf(metadata?.['focal-sha256']),
    writeId: noteOf(metadata?.['focal-write']),
    ageMs: updated === undefined ? 0 : Math.max(0, now - Date.parse(updated)),
  }
}

const noteOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
