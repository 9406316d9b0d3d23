import type { Verdict } from '../core/retry.ts'

/**
 * What a lake needs of a store of objects: objects that are written whole under a condition, so that of two writers
 * one wins and the other is told. Keys are relative to the lake. One file per protocol: s3-bucket, gcs-bucket,
 * azure-blob-bucket. Every request is tried again as the one retry policy says, and errors are in the user's words.
 */
export interface Bucket {
  /** As people write it: `s3://bucket/prefix`, without a slash at the end. */
  readonly address: string
  /** `undefined` when there is no such object. */
  head(key: string): Promise<Facts | undefined>
  /** A small object, its bytes and facts as of the same moment. */
  read(key: string): Promise<(Facts & { readonly content: Buffer }) | undefined>
  /** Writes a small object in one request; gives its tag, or 'refused' when `expected` is not what is there. */
  put(key: string, content: Buffer, expected: Expected): Promise<Written>
  /** Brings everything of a file but the last request, which alone makes it an object. */
  stage(upload: Upload, signal?: AbortSignal): Promise<Staged>
  /** A copy made by the store itself, of the content that has this tag; 'refused' when it is another by now. */
  copy(from: string, tag: string, to: string): Promise<'copied' | 'refused'>
  remove(key: string): Promise<void>
  /** Names of what lies directly in a folder, given without a slash at the end. */
  list(folder: string): Promise<string[]>
  /** One attempt at the bytes from `from` up to, not including, `to`; fails when the content has another tag by now. */
  open(range: Range, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  /** Of an error of `open`: whether another try can help, and whether the object was replaced or removed. */
  judge(error: unknown): Verdict
  isReplaced(error: unknown): boolean
  /** An error of `open` in the user's words. */
  explain(error: unknown, key: string): unknown
  /** Ends what was staged and not committed, whoever staged it: a run that was displaced cannot commit it any more. */
  endUploads(): Promise<void>
}

export interface Facts {
  /** Of this very content: an ETag, or a generation. */
  readonly tag: string
  readonly bytes: number
  /** SHA-256 in hexadecimal, as the writer noted it. */
  readonly sha256: string | undefined
  /** What `Upload.id` or `put` left: tells one's own write from another's when an answer was lost. */
  readonly writeId: string | undefined
  /** Milliseconds since it was written, by the store's clock alone. */
  readonly ageMs: number
}

/** The tag of the content to replace, or that nothing must be there. */
export type Expected = { readonly tag: string } | 'absent'

export type Written = { readonly tag: string } | 'refused'

export interface Upload {
  readonly key: string
  /** On this machine. */
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  readonly expected: Expected
}

export interface Staged {
  /** Makes the object, in one step, if `expected` is still there. */
  commit(): Promise<Written>
  /** Leaves nothing behind of what was brought. */
  abandon(): Promise<void>
}

export interface Range {
  readonly key: string
  readonly tag: string
  readonly from: number
  readonly to: number
}

/** What is there now, as a condition for replacing it. */
export function expecting(facts: Facts | undefined): Expected {
  return facts === undefined ? 'absent' : { tag: facts.tag }
}

/** Content type by the name of a file of the lake. */
export function contentType(key: string): string {
  return key.endsWith('.json') ? 'application/json' : 'application/vnd.apache.parquet'
}
