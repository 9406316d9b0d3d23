/**
 * A place that holds files under slash-separated keys: a local folder, or a prefix of a bucket.
 * Keys are relative to the location that the user configured; none begins with a slash.
 */
export interface ObjectStore {
  /** As the user wrote it: `./bills` or `s3://acme-billing/cur`. */
  readonly location: string

  /**
   * What lies directly under `folder` ('' is the location itself; otherwise it ends with a slash),
   * both lists in key order. Empty when there is nothing.
   */
  list(folder: string): Promise<{ folders: string[]; objects: ObjectInfo[] }>

  /** `undefined` when there is no such object. */
  stat(key: string): Promise<ObjectInfo | undefined>

  /** A small text object whole, as UTF-8 (manifests). */
  readText(key: string): Promise<string>

  /**
   * The path of a local file that holds exactly this version of the object, brought here if need be.
   * RetryableError when the object has changed since it was listed.
   */
  fetch(object: ObjectInfo, progress?: (bytes: number) => void): Promise<string>
}

export interface ObjectInfo {
  readonly key: string
  readonly size: number
  /** Changes when, and only when, the content does: an ETag, or for a local file the SHA-256 of its bytes. */
  readonly version: string
}
