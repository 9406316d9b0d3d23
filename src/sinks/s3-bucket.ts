import { createHash, randomUUID } from 'node:crypto'
import { connectToS3, type S3Connection } from '../core/stores/s3-client.ts'
import { explainS3Error, isMissing, isRefused, judgeS3Error, type S3Action } from '../core/stores/s3-errors.ts'
import { s3Requests } from '../core/stores/s3-requests.ts'
import type { LakeAddress } from './address.ts'
import { contentType, type Bucket, type Expected, type Facts, type Written } from './bucket.ts'
import type { S3LakeOptions } from './options.ts'
import { asking, intact, meaning, sha256Of } from './requests.ts'
import { s3Copy } from './s3-copy.ts'
import { endUploads, stageParts } from './s3-upload.ts'
import type { LakeTuning } from './tuning.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What the requests of one lake have in common. */
export interface S3Lake {
  readonly bucket: string
  readonly connection: S3Connection
  readonly tuning: LakeTuning
  readonly ask: ReturnType<typeof asking<S3Action>>
  /** For everything that makes a partition, or a version of its history. */
  readonly kept: ReturnType<typeof storage>
  readonly fullKey: (key: string) => string
}

/** A lake in a bucket of S3, or of a store that speaks its protocol and honours its conditional writes. */
export function s3Bucket(
  { address, bucket, prefix }: LakeAddress,
  env: Environment,
  options: S3LakeOptions,
  tuning: LakeTuning,
): Bucket {
  const connection = connectToS3(environment(env, options), options.forcePathStyle)
  const fullKey = (key: string) => prefix + key
  const explain = async (error: unknown, action: S3Action, key: string) =>
    explainS3Error(
      error,
      { object: `${address}/${key}`, bucket, action, attempts: tuning.retry.attempts },
      await connection.endpoint(),
    )
  const ask = asking<S3Action>({ tuning, judge: judgeS3Error, explain })
  // Records are small and written often: a class for what lies long would cost more than it saves.
  const { StorageClass: _forPartitions, ...encryption } = storage(options)
  const lake: S3Lake = { bucket, connection, tuning, ask, kept: storage(options), fullKey }
  const reading = s3Requests(bucket, connection, tuning, undefined)
  const onObject = (key: string) => ({ Bucket: bucket, Key: fullKey(key) })

  const self: Bucket = {
    address,
    async head(key) {
      return ask('s3:GetObject', key, (abortSignal) =>
        connection
          .send(async (sdk, client) => {
            const { command, clock } = timed(new sdk.HeadObjectCommand(onObject(key)))
            return factsOf(await client.send(command, { abortSignal }), clock.now())
          })
          .catch(meaning(isMissing, undefined)),
      )
    },
    async read(key) {
      return ask('s3:GetObject', key, (abortSignal) =>
        connection
          .send(async (sdk, client) => {
            const { command, clock } = timed(new sdk.GetObjectCommand(onObject(key)))
            const answer = await client.send(command, { abortSignal })
            const content = Buffer.from((await answer.Body?.transformToByteArray()) ?? [])
            return intact({ ...factsOf(answer, clock.now()), content })
          })
          .catch(meaning(isMissing, undefined)),
      )
    },
    async put(key, content, expected) {
      const writeId = randomUUID()
      const sha256 = sha256Of(content)
      const input = {
        ...onObject(key),
        ...encryption,
        ...conditions(expected),
        Body: content,
        ContentMD5: createHash('md5').update(content).digest('base64'),
        ContentType: contentType(key),
        Metadata: notes(sha256, writeId),
      }
      const written = await ask('s3:PutObject', key, (abortSignal) =>
        connection
          .send((sdk, client) => client.send(new sdk.PutObjectCommand(input), { abortSignal }))
          .then(({ ETag = '' }): Written => ({ tag: ETag }), meaning(isGone, 'refused' as const)),
      )
      return written === 'refused' ? ownWrite(self, key, writeId) : written
    },
    async stage(upload, signal) {
      const writeId = randomUUID()
      const making = { conditions: conditions(upload.expected), metadata: notes(upload.sha256, writeId) }
      const staged = await stageParts(lake, upload, making, signal)
      return {
        abandon: () => staged.abandon(),
        async commit() {
          const written = await staged.commit()
          return written === 'refused' ? ownWrite(self, upload.key, writeId) : written
        },
      }
    },
    copy: (from, tag, to) => s3Copy(lake, from, tag, to),
    async remove(key) {
      await ask('s3:DeleteObject', key, (abortSignal) =>
        connection.send((sdk, client) => client.send(new sdk.DeleteObjectCommand(onObject(key)), { abortSignal })),
      )
    },
    async list(folder) {
      const start = `${fullKey(folder)}/`
      const names: string[] = []
      try {
        for await (const page of reading.pages(start)) {
          for (const { Key = '' } of page.Contents ?? []) names.push(Key.slice(start.length))
          for (const { Prefix = '' } of page.CommonPrefixes ?? []) names.push(Prefix.slice(start.length, -1))
        }
      } catch (error) {
        throw await explain(error, 's3:ListBucket', folder)
      }
      return names.filter((name) => name !== '')
    },
    open: ({ key, tag, from, to }, signal) =>
      reading.open({ key: fullKey(key), etag: tag.replaceAll('"', ''), from, to }, signal),
    judge: judgeS3Error,
    isReplaced: isGone,
    explain: (error, key) => explain(error, 's3:GetObject', key),
    endUploads: () => endUploads(lake),
  }
  return self
}

/** Settings of the lake go before those of the environment. */
function environment(env: Environment, { endpoint, region }: S3LakeOptions): Environment {
  return {
    ...env,
    ...(endpoint !== undefined && { AWS_ENDPOINT_URL_S3: endpoint }),
    ...(region !== undefined && { AWS_REGION: region }),
  }
}

function storage({ sse, kmsKey, storageClass }: S3LakeOptions) {
  const encryption = { AES256: 'AES256', kms: 'aws:kms', 'kms-dsse': 'aws:kms:dsse' } as const
  const chosen = sse ?? (kmsKey === undefined ? undefined : 'kms')
  return {
    ...(chosen !== undefined && { ServerSideEncryption: encryption[chosen] }),
    ...(kmsKey !== undefined && { SSEKMSKeyId: kmsKey, BucketKeyEnabled: chosen === 'kms' }),
    ...(storageClass !== undefined && { StorageClass: storageClass as 'STANDARD' }),
  }
}

/** An object that is gone cannot have the tag that was expected: S3 tells that by 404, and another tag by 412. */
const isGone = (error: unknown) => isRefused(error) || isMissing(error)

const conditions = (expected: Expected) => (expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.tag })

const notes = (sha256: string, writeId: string) => ({ 'focal-sha256': sha256, 'focal-write': writeId })

/** An answer that was lost makes the second attempt look refused: what lies there tells whether the first one won. */
async function ownWrite(bucket: Bucket, key: string, writeId: string): Promise<Written> {
  const there = await bucket.head(key)
  return there?.writeId === writeId ? { tag: there.tag } : 'refused'
}

interface Answer {
  readonly ETag?: string | undefined
  readonly ContentLength?: number | undefined
  readonly LastModified?: Date | undefined
  readonly Metadata?: Record<string, string> | undefined
}

function factsOf({ ETag = '', ContentLength = 0, LastModified, Metadata }: Answer, now: number): Facts {
  return {
    tag: ETag,
    bytes: ContentLength,
    sha256: Metadata?.['focal-sha256'],
    writeId: Metadata?.['focal-write'],
    ageMs: LastModified === undefined ? 0 : Math.max(0, now - LastModified.getTime()),
  }
}

interface Stacked {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (args: never) => Promise<{ response: unknown }>,
      ) => (args: never) => Promise<{ response: unknown }>,
      options: { step: 'deserialize'; priority: 'low' },
    ): void
  }
}

/** A command that notes the store's own time of answering: ours may be wrong. */
function timed<Command>(command: Command): { command: Command; clock: { now(): number } } {
  let date: string | undefined
  const { middlewareStack } = command as Stacked
  middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      date = (answer.response as { headers?: Record<string, string> }).headers?.['date']
      return answer
    },
    { step: 'deserialize', priority: 'low' },
  )
  return { command, clock: { now: () => Date.parse(date ?? '') || Date.now() } }
}
