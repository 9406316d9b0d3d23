import type { Session } from '../../core/duckdb.ts'
import type { Layout } from '../write-staged.ts'
import type { FileColumn, KnownColumn } from './columns.ts'

/** One kind of file that AWS exports, and the SQL that reads it. */
export interface Dialect {
  readonly name: string
  /** Every column the SQL may name; absent ones are NULL in `raw`. */
  readonly known: readonly KnownColumn[]
  /** Says what each header of a file is. */
  readHeaders(headers: readonly string[]): FileColumn[]
  /** Sets the SQL variables that depend on the columns of a file. */
  describe(session: Session, columns: readonly FileColumn[]): Promise<void>
  /** The SELECT over `raw` that types its values. */
  readonly stageSql: string
  /** Over the columns of `stageSql`. */
  readonly layout: Layout
  /** Make the relations that every transform leaves in the session, over `staged`. */
  readonly rowsSql: readonly string[]
  /** Refuses files that do not belong to one bill; each entry is the columns of one file. */
  compareFiles?(files: readonly { readonly name: string; readonly columns: readonly FileColumn[] }[]): void
}
