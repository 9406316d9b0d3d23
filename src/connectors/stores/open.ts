import path from 'node:path'
import { UserError } from '../../core/errors.ts'
import { openBlobContainer } from './azure-blob.ts'
import { openGcsBucket } from './gcs.ts'
import { openLocalFolder } from './local-folder.ts'
import type { ObjectStore } from './object-store.ts'
import { connectToS3 } from '../../core/stores/s3-client.ts'
import type { StoreTuning } from '../../core/stores/tuning.ts'
import { openS3Store } from './s3.ts'

export interface OpenStoreOptions {
  /** Where a relative location starts from. */
  readonly baseDirectory: string
  /** For downloads and remembered hashes; made when needed. */
  readonly cacheDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
  readonly tuning?: Partial<StoreTuning> | undefined
}

/**
 * The store for a location: `s3://bucket/prefix`, `gs://bucket/prefix`, `az://account/container/prefix`, or a local
 * folder or file. Nothing is asked of it yet, so that a location which does not exist is told by the first call.
 * UserError for a location that no store reads.
 */
export function openStore(location: string, options: OpenStoreOptions): ObjectStore {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1]?.toLowerCase()
  if (scheme === 's3') return openBucket(location, options)
  if (scheme === 'az') return openBlobContainer(location, options)
  if (scheme === 'gs') return openGcsBucket(location, options)
  if (scheme !== undefined || location === '') {
    const hint = 'Write a local folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix.'
    throw new UserError(`"${location}" is not a place that can be read`, { hint })
  }
  return openLocalFolder({ ...options, location, path: path.resolve(options.baseDirectory, location) })
}

function openBucket(location: string, options: OpenStoreOptions): ObjectStore {
  const [, bucket = '', under = ''] = /^s3:\/\/([^/]*)\/?(.*)$/i.exec(location) ?? []
  if (bucket === '') throw new UserError(`"${location}" names no bucket`, { hint: 'Write s3://bucket/prefix.' })
  const prefix = under === '' || under.endsWith('/') ? under : `${under}/`
  return openS3Store({ ...options, location, bucket, prefix, connection: connectToS3(options.env) })
}
