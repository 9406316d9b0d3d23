import path from 'node:path'
import { joiningAsWritten, lanesWithin, onOneThread, quoteIdentifier, type Session } from '../core/duckdb.ts'
import type { LakeColumn } from '../core/focus.ts'
import { joinParquet } from '../core/parquet-join.ts'
import { readBeside } from '../core/sql.ts'
import { copyStatement } from './partition-file.ts'

export interface RowsFile {
  readonly columns: readonly LakeColumn[]
  readonly target: string
  /** What the file says of itself. Nothing of the run, or its bytes would differ. */
  readonly metadata: Readonly<Record<string, string>>
  readonly scratchDirectory: string
  readonly signal?: AbortSignal | undefined
}

/** A part of the staged rows: whole files, or of one file the rows from `firstRow` up to `endRow`. */
interface Piece {
  readonly files: readonly string[]
  readonly firstRow: number
  readonly endRow: number
}

/** What DuckDB writes to a row group. */
const rowGroup = 122_880

/**
 * About a quarter of the rows, so that four threads have work to do, in whole row groups; of large bills four of them,
 * by when beginning a piece costs little. It does not depend on the machine, for the bytes would.
 */
function rowsPerPiece(rows: number): number {
  return rowGroup * Math.min(4, Math.max(1, Math.ceil(rows / 4 / rowGroup)))
}

/** What writing one piece takes: a row group, the tables that rows are joined to, and what each expression works in. */
export const megabytesOfLane = 480

/**
 * Writes the rows of `focus` to one Parquet file. The same delivery gives the same bytes on any number of threads:
 * a plan with joins gives its rows in no particular order on several, so that each piece is written by one, and
 * where a piece ends depends on the staged rows alone. The pieces' row groups are joined as they are.
 */
export async function writeRows(session: Session, rows: RowsFile): Promise<void> {
  const pieces = await divideRows(session)
  const lanes = Math.min(pieces.length, await lanesWithin(session, megabytesOfLane))
  const parts = await onOneThread(session, () =>
    joiningAsWritten(session, () =>
      pieces.length < 2 ? writeWhole(session, rows) : writePieces(session, pieces, lanes, rows),
    ),
  )
  await joinParquet(parts, rows.target, rows.signal)
}

/** Small files together, large ones in equal parts. None where rows depend on one another (`divisible`, transform.ts). */
async function divideRows(session: Session): Promise<Piece[]> {
  const files = await session.rows<{ file: string; rows: string }>(readBeside(import.meta.url, 'staged-files.sql'))
  const limit = rowsPerPiece(files.reduce((sum, { rows }) => sum + Number(rows), 0))
  const pieces: Piece[] = []
  let small: { files: string[]; rows: number } = { files: [], rows: 0 }
  const endSmall = () => {
    if (small.files.length > 0) pieces.push({ files: small.files, firstRow: 0, endRow: small.rows })
    small = { files: [], rows: 0 }
  }
  for (const { file, rows: text } of files) {
    const rows = Number(text)
    if (small.rows + rows > limit) endSmall()
    if (rows <= limit) small = { files: [...small.files, file], rows: small.rows + rows }
    else pieces.push(...divideFile(file, rows, limit))
  }
  endSmall()
  return pieces
}

function divideFile(file: string, rows: number, limit: number): Piece[] {
  const count = Math.ceil(rows / limit)
  const cut = (index: number) => Math.floor((rows * index) / count)
  return Array.from({ length: count }, (_, index) => ({ files: [file], firstRow: cut(index), endRow: cut(index + 1) }))
}

async function writeWhole(session: Session, rows: RowsFile): Promise<string[]> {
  const part = path.join(rows.scratchDirectory, 'rows.parquet')
  await session.run(copyStatement(selectRows(rows), part, rows.metadata))
  return [part]
}

/** Each lane has a session of its own and takes the next piece when it is done with one. */
async function writePieces(
  session: Session,
  pieces: readonly Piece[],
  lanes: number,
  rows: RowsFile,
): Promise<string[]> {
  const parts = pieces.map((_, index) => path.join(rows.scratchDirectory, `rows-${index}.parquet`))
  const waiting = [...pieces.entries()]
  const sessions = await Promise.all(Array.from({ length: lanes }, () => session.fork()))
  try {
    const written = await Promise.allSettled(
      sessions.map(async (fork) => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const [index, piece] = next
          await selectPiece(fork, piece, index === pieces.length - 1)
          await fork.run(copyStatement(selectRows(rows), parts[index] ?? '', rows.metadata))
          await fork.returnMemory()
        }
      }),
    )
    for (const result of written) if (result.status === 'rejected') throw result.reason
  } finally {
    for (const fork of sessions) fork.close()
  }
  return parts
}

async function selectPiece(session: Session, { files, firstRow, endRow }: Piece, last: boolean): Promise<void> {
  await session.set('staged_files', files)
  await session.set('first_row', String(firstRow))
  await session.set('end_row', String(endRow))
  await session.set('last_piece', last)
}

function selectRows({ columns }: RowsFile): string {
  return `SELECT ${columns.map(({ name }) => quoteIdentifier(name)).join(', ')} FROM focus`
}
