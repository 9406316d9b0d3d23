import type { Progress } from '../../core/stores/download.ts'

export type { Progress }

/**
 * A place that holds files under slash-separated keys: a local folder, or a prefix of a bucket.
 * Keys are relative to the location that the user configured. They may come out of a provider's
 * manifest, so every method refuses one that could leave the location (DataError).
 */
export interface ObjectStore {
  /** As the user wrote it: `./bills` or `s3://acme-billing/cur`. */
  readonly location: string

  /**
   * What lies directly under `folder` ('' is the location itself; otherwise it ends with a slash),
   * both lists in key order (by code unit). Empty when there is nothing; UserError when the location
   * itself does not exist or may not be read.
   */
  list(folder: string): Promise<Listing>

  /** `undefined` when there is no such object (a bucket that does not exist is told by `list`). */
  stat(key: string): Promise<ObjectInfo | undefined>

  /** A small text object whole, as UTF-8 without a byte order mark (manifests). DataError when there is none. */
  readText(key: string): Promise<string>

  /**
   * The path of a local file that holds exactly this version of the object, brought here if need be.
   * RetryableError when the object has changed since it was listed.
   */
  fetch(object: ObjectInfo, progress?: Progress): Promise<string>

  /** Deletes the local copies of every object of this location but these. The user's own files are no copies. */
  forget(keep: readonly ObjectInfo[]): Promise<void>
}

export interface Listing {
  /** Each ends with a slash. */
  readonly folders: string[]
  readonly objects: ObjectInfo[]
}

export interface ObjectInfo {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Changes when, and only when, the content does: an ETag and size, or for a local file the SHA-256 of its bytes. */
  readonly version: string
}
