/**
 * One delivery's rows as BigQuery hands them out: in streams, each readable from any of its rows on. A read
 * session of the Storage Read API is one, the result of a query another.
 */
export interface Reading<P extends Piece = Piece> {
  readonly streams: number
  /** Pieces of a stream from row `offset` on, until its end. Throws the client library's own errors. */
  read(stream: number, offset: number, signal: AbortSignal): AsyncIterable<P>
  /** Writes pieces that follow one another as one Parquet file. */
  write(pieces: readonly P[], path: string): Promise<void>
  /** An error of `read` in the user's words. */
  explain(error: unknown): unknown
  close(): Promise<void>
}

export interface Piece {
  readonly rows: number
  /** What arrived for them. */
  readonly bytes: number
}
