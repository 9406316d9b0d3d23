import { createReadStream } from 'node:fs'
import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { DataError, FocalError, RetryableError } from './errors.ts'

/** A file to read, and the name people know it by; the name's ending says how it is packed. */
export interface NamedFile {
  readonly path: string
  readonly name: string
}

/** Bytes moved at a time. */
export const chunkSize = 1 << 20

/** Whether the text in the file is packed: `.gz` or `.zip`. */
export function isPacked({ name }: NamedFile): boolean {
  return /\.(gz|zip)$/i.test(name)
}

/**
 * The steps that give a text file's plain bytes, for `stream.pipeline`: `.gz` and `.zip` are unpacked on the
 * way, with lengths and checksums verified at the end. Errors on the way are for `explainArchive`.
 */
export async function plainText(file: NamedFile): Promise<[Readable] | [Readable, Duplex]> {
  if (/\.gz$/i.test(file.name)) return [source(file.path), createGunzip({ chunkSize })]
  if (/\.zip$/i.test(file.name)) return [await onlyEntry(file)]
  return [source(file.path)]
}

/** The first `count` records of a CSV text, packed or not; fewer when the file ends before. Reads no more than it needs. */
export async function firstRecords(file: NamedFile, count: number): Promise<string[][]> {
  let records: string[][] = []
  const untilEnough = async (bytes: AsyncIterable<Buffer>) => {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of bytes) {
      text += decoder.decode(chunk, { stream: true })
      records = parseRecords(text, count)
      if (records.length > count) return
    }
  }
  try {
    const [first, unpack] = await plainText(file)
    await (unpack === undefined ? pipeline(first, untilEnough) : pipeline(first, unpack, untilEnough))
  } catch (error) {
    // Stopping early leaves the rest of the stream unread, which is what we want.
    if (records.length <= count) throw explainArchive(error, file)
  }
  return records.slice(0, count)
}

/** Records of a CSV text from its start, at most one more than `count`: the last one may be incomplete. */
export function parseRecords(text: string, count: number): string[][] {
  const records: string[][] = []
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y
  let record: string[] = []
  while (records.length <= count && field.lastIndex < text.length) {
    const match = field.exec(text)
    if (match === null) break
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] !== ',') {
      records.push(record)
      record = []
    }
  }
  return records
}

function source(path: string): Readable {
  return createReadStream(path, { highWaterMark: chunkSize })
}

const openZip = promisify<string, yauzl.Options, ZipFile>(yauzl.open)

/** The contents of a zip that holds one file. Sizes and checksums are verified by the library as it reads. */
async function onlyEntry(file: NamedFile): Promise<Readable> {
  const zip = await openZip(file.path, { lazyEntries: true, autoClose: false })
  const entries = await new Promise<Entry[]>((resolve, reject) => {
    const found: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      if (!entry.fileName.endsWith('/')) found.push(entry)
      zip.readEntry()
    })
    zip.on('end', () => resolve(found))
    zip.on('error', reject)
    zip.readEntry()
  })
  const [entry, ...others] = entries
  if (entry === undefined || others.length > 0) {
    zip.close()
    const names = entries.map(({ fileName }) => fileName).join(', ')
    throw new DataError(`the zip holds ${entries.length} files${names && `: ${names}`}`, {
      where: { file: file.name },
      hint: 'A billing export zips one csv. Unpack it and point the source at the file that is the bill.',
    })
  }
  const stream = await promisify(
    zip.openReadStream.bind(zip) as (e: Entry, done: (error: Error | null, stream: Readable) => void) => void,
  )(entry)
  stream.once('close', () => zip.close())
  return stream
}

/** An error met while reading `file`, in words and with what to do; errors of ours and unknown ones come back unchanged. */
export function explainArchive(error: unknown, file: NamedFile): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC') {
    return new RetryableError('no space left on the device while unpacking', {
      where: { file: file.name },
      hint: 'Free space in the working folder (workDir), or point it at a larger disk.',
      cause: error,
    })
  }
  if (code === 'Z_BUF_ERROR') {
    return new DataError('the gzip file is cut off: it ends before its data does', {
      where: { file: file.name },
      hint: 'Download or export the file again.',
      cause: error,
    })
  }
  if (code.startsWith('Z_')) {
    return new DataError(`the gzip file is damaged: ${error.message}`, {
      where: { file: file.name },
      hint: 'Download or export the file again.',
      cause: error,
    })
  }
  if (/\.zip$/i.test(file.name) && code === '') {
    return new DataError(`the zip file is damaged: ${error.message}`, {
      where: { file: file.name },
      hint: 'Download or export the file again.',
      cause: error,
    })
  }
  return error
}
