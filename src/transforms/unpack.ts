import { isUtf8 } from 'node:buffer'
import { createWriteStream } from 'node:fs'
import { Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { chunkSize, explainArchive, isPacked, plainText, type NamedFile } from '../core/archive.ts'
import { DataError } from '../core/errors.ts'

/**
 * A text file as plain UTF-8 on disk, proven whole: DuckDB reads a gzip that was cut off as if it ended
 * there, and does not look at the encoding of columns nobody asks for. A packed file is unpacked to `target`;
 * a plain one is read through and returned as it is.
 * DataError when the archive is damaged, when a zip holds anything but one file, or when the text is not UTF-8.
 */
export async function unpackText(file: NamedFile, target: string, signal?: AbortSignal): Promise<NamedFile> {
  const packed = isPacked(file)
  const sink = packed ? createWriteStream(target, { highWaterMark: chunkSize }) : discard()
  try {
    const steps = await plainText(file)
    await pipeline([...steps, utf8Check(file), sink], signal ? { signal } : {})
  } catch (error) {
    throw explainArchive(error, file)
  }
  return packed ? { path: target, name: file.name } : file
}

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}

/** Passes bytes through and fails at the first that is not UTF-8, naming its line. */
function utf8Check(file: NamedFile): Transform {
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

function notUtf8(bytes: Buffer, firstLine: number, file: NamedFile): DataError {
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
