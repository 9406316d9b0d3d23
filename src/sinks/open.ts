import { parseLakeAddress, type LakeAddress } from './address.ts'
import type { Bucket } from './bucket.ts'
import { bucketSink } from './bucket-sink.ts'
import { localSink } from './local.ts'
import { azureBlobLakeOptions, gcsLakeOptions, s3LakeOptions } from './options.ts'
import type { Sink } from './sink.ts'
import { standardLakeTuning, type LakeTuning } from './tuning.ts'

export interface OpenSinkOptions {
  /** `lakeOptions` of the configuration, as its schema (options.ts) leaves them. */
  readonly options?: Readonly<Record<string, unknown>> | undefined
  /** For what is written aside and for copies of what is read, when the lake is not on this machine. */
  readonly workDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly tuning?: Partial<LakeTuning> | undefined
}

/** The sink that an address of the configuration names. Nothing is asked of it yet. */
export async function openSink(address: string, { workDirectory, tuning, ...open }: OpenSinkOptions): Promise<Sink> {
  const place = parseLakeAddress(address)
  if (place === undefined) return localSink(address)
  const { partSizeMiB } = open.options ?? {}
  const sized = typeof partSizeMiB === 'number' ? { uploadPartSize: partSizeMiB * 1024 * 1024 } : {}
  const whole = { ...standardLakeTuning, ...sized, ...tuning }
  return bucketSink(await openBucket(place, open, whole), workDirectory, whole)
}

/** One line for each protocol. */
async function openBucket(
  place: LakeAddress,
  { options = {}, env }: Pick<OpenSinkOptions, 'options' | 'env'>,
  tuning: LakeTuning,
): Promise<Bucket> {
  switch (place.scheme) {
    case 's3':
      return (await import('./s3-bucket.ts')).s3Bucket(place, env, s3LakeOptions.parse(options), tuning)
    case 'gs':
      return (await import('./gcs-bucket.ts')).gcsBucket(place, env, gcsLakeOptions.parse(options), tuning)
    case 'az':
      return (await import('./azure-blob-bucket.ts')).azureBlobBucket(
        place,
        env,
        azureBlobLakeOptions.parse(options),
        tuning,
      )
  }
}
