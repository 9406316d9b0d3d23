import { DataError, RetryableError } from '../core/errors.ts'
import type { SourceFile } from './transform.ts'

/** What DuckDB says of Parquet files with bytes cut off or overwritten. */
const damagedParquet = [
  /No magic bytes|too small to be a Parquet|Prepared .* bytes|Could not read enough bytes/i,
  /Snappy|ZSTD|decompress|thrift|TProtocol|TType|don't know what type|converted type can only be/i,
  /Invalid string encoding|Invalid unicode/i,
]

/**
 * DuckDB's own messages about a file it cannot read, or a machine that has run out, in terms of what the
 * reader can do. An error that is about neither passes through unchanged.
 */
export function explainReadFailure(error: Error, files: readonly SourceFile[]): Error {
  const { message } = error
  const file =
    files.find(({ path }) => message.includes(path))?.name ?? (files.length === 1 ? files[0]?.name : undefined)
  const where = file === undefined ? {} : { file }
  if (/No space left on device|ENOSPC/i.test(message)) {
    return new RetryableError('no space left on the device', {
      where,
      hint: 'Free space where the lake and the working folder (workDir) are, or point them at a larger disk.',
      cause: error,
    })
  }
  if (/Out of Memory/i.test(message)) {
    return new RetryableError('the engine ran out of memory', {
      where,
      hint: 'Raise engine.memoryLimit, or lower engine.threads.',
      cause: error,
    })
  }
  if (damagedParquet.some((sign) => sign.test(message))) {
    return new DataError('the Parquet file is cut short or damaged', {
      where,
      hint: 'Download or export the file again.',
      cause: error,
    })
  }
  const columns = /CSV Error on Line: (\d+)[\s\S]*Expected Number of Columns: (\d+) Found: (\d+)/.exec(message)
  if (columns) {
    return new DataError(`a row has ${columns[3]} fields where the header has ${columns[2]}`, {
      where: { ...where, line: Number(columns[1]) },
      hint: 'The file was edited or cut: download or export it again.',
      cause: error,
    })
  }
  const quote = /CSV Error on Line: (\d+)[\s\S]*unterminated quote/.exec(message)
  if (quote) {
    return new DataError('a quoted value never ends', {
      where: { ...where, line: Number(quote[1]) },
      hint: 'The file was edited or cut: download or export it again.',
      cause: error,
    })
  }
  const csv = /CSV Error on Line: (\d+)/.exec(message)
  if (csv) {
    return new DataError(
      `the csv cannot be read: ${message.split('\n').find((line) => !/^(Invalid|CSV Error|Original)/.test(line) && line.trim()) ?? ''}`,
      {
        where: { ...where, line: Number(csv[1]) },
        hint: 'The file was edited or cut: download or export it again.',
        cause: error,
      },
    )
  }
  if (/Permission denied/i.test(message)) {
    return new RetryableError('permission denied', {
      where,
      hint: 'Let the user that runs focal read it.',
      cause: error,
    })
  }
  return error
}
