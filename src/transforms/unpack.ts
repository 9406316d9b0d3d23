import { isUtf8 } from 'node:buffer'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { promisify } from 'node:util'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { DataError, FocalError, RetryableError } from '../core/errors.ts'
import type { SourceFile } from './transform.ts'

/** Bytes moved at a time. */
const chunkSize = 1 << 20

/**
 * A text file as plain UTF-8 on disk, proven whole: DuckDB reads a gzip that was cut off as if it ended
 * there, and does not look at the encoding of columns nobody asks for. `.gz` and `.zip` are unpacked into
 * `directory`; a plain file is read through and returned as it is.
 * DataError when the archive is damaged, when a zip holds anything but one file, or when the text is not UTF-8.
 */
export async function unpackText(file: SourceFile, directory: string): Promise<SourceFile> {
  const target = join(directory, 'unpacked.csv')
  try {
    if (/\.gz$/i.test(file.name)) {
      const gunzip = createGunzip({ chunkSize })
      await pipeline(source(file.path), gunzip, utf8Check(file), createWriteStream(target, { highWaterMark: chunkSize }))
      return { path: target, name: file.name }
    }
    if (/\.zip$/i.test(file.name)) {
      await pipeline(await onlyEntry(file), utf8Check(file), createWriteStream(target, { highWaterMark: chunkSize }))
      return { path: target, name: file.name }
    }
    for await (const chunk of source(file.path).pipe(utf8Check(file))) void chunk
    return file
  } catch (error) {
    throw damaged(error, file)
  }
}

/** The first record of a plain CSV text file, split into its fields; empty when the file is. */
export async function csvHeader(file: SourceFile): Promise<string[]> {
  const handle = await open(file.path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(chunkSize), 0, chunkSize, 0)
    return firstRecord(buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, ''))
  } finally {
    await handle.close()
  }
}

function firstRecord(text: string): string[] {
  const fields: string[] = []
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y
  while (text.length > 0) {
    const match = field.exec(text)
    if (match === null) break
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] !== ',') break
  }
  return fields
}

function source(path: string): Readable {
  return createReadStream(path, { highWaterMark: chunkSize })
}

/** Passes bytes through and fails at the first that is not UTF-8, naming its line. */
function utf8Check(file: SourceFile): Transform {
  let line = 1
  let rest = Buffer.alloc(0)
  const check = (bytes: Buffer, last: boolean) => {
    const end = last ? bytes.length : wholeCharacters(bytes)
    const whole = bytes.subarray(0, end)
    if (!isUtf8(whole)) throw notUtf8(whole, line, file)
    line += countLines(whole)
    return bytes.subarray(end)
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
        rest = Buffer.from(check(bytes, false))
        done(null, chunk)
      } catch (error) {
        done(error as Error)
      }
    },
    flush(done) {
      try {
        check(rest, true)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
  })
}

/** Where the last character that is complete ends: a chunk may stop in the middle of one. */
function wholeCharacters(bytes: Buffer): number {
  let start = bytes.length
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) {
      start = bytes.length - back
      break
    }
    if (byte < 0x80) break
  }
  return start
}

function notUtf8(bytes: Buffer, firstLine: number, file: SourceFile): DataError {
  let good = 0
  for (let size = 1 << 19; size >= 1; size >>= 1) {
    const next = good + size
    if (next <= bytes.length && isUtf8(bytes.subarray(0, wholeWithin(bytes, next)))) good = next
  }
  const at = wholeWithin(bytes, good)
  const line = firstLine + countLines(bytes.subarray(0, at))
  const byte = bytes[at] ?? 0
  return new DataError(`the file is not UTF-8: byte 0x${byte.toString(16).padStart(2, '0')}`, {
    where: { file: file.name, line },
    hint: 'Export the file again as UTF-8, or convert it (iconv -f WINDOWS-1252 -t UTF-8).',
  })
}

function wholeWithin(bytes: Buffer, end: number): number {
  return wholeCharacters(bytes.subarray(0, end))
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++
  return count
}

const openZip = promisify<string, yauzl.Options, ZipFile>(yauzl.open)

/** The contents of a zip that holds one file. Sizes and checksums are verified by the library as it reads. */
async function onlyEntry(file: SourceFile): Promise<Readable> {
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
  const stream = await promisify(zip.openReadStream.bind(zip) as (e: Entry, done: (error: Error | null, stream: Readable) => void) => void)(entry)
  stream.once('close', () => zip.close())
  return stream
}

/** Library errors about an archive, in words. */
function damaged(error: unknown, file: SourceFile): unknown {
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
