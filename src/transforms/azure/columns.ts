import { DataError } from '../../core/errors.ts'
import { readBeside } from '../../core/sql.ts'

/** What a column holds, as columns.csv says. */
export type ColumnKind = 'text' | 'amount' | 'date' | 'object'

export interface KnownColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** Without it there is no bill: an absent one is refused by name. */
  readonly required: boolean
  /** As exports of one version or another spell it; the first is today's. */
  readonly spellings: readonly string[]
}

/** Columns of cost exports and usage details that the transform uses. */
export const costColumns: readonly KnownColumn[] = readBeside(import.meta.url, 'columns.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [name = '', kind, required, spellings = ''] = line.split(',')
    return { name, kind: kind as ColumnKind, required: required === 'yes', spellings: spellings.split(' ') }
  })

/** A column of a file. */
export interface FileColumn {
  /** As the file spells it. */
  readonly header: string
  /** As SQL knows it. */
  readonly name: string
  readonly known?: KnownColumn
}

/** Letters and digits alone: what the spellings `MeterSubCategory`, `meterSubcategory` and `Meter Sub-Category` share. */
export function squash(header: string): string {
  return header.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/**
 * Says what each header of a file is. A localised export writes `Kosten (Cost)`: the English name counts.
 * DataError when such a name is not known, since nothing else of it could be.
 */
export function readHeaders(headers: readonly string[], columns: readonly KnownColumn[], file: string): FileColumn[] {
  const bySpelling = new Map(
    columns.flatMap((column) => [column.name, ...column.spellings].map((spelling) => [squash(spelling), column])),
  )
  return headers.map((header, index) => {
    const written = header.trim()
    const [, local, english] = /^(.*\S)\s*\(([^()]+)\)$/.exec(written) ?? []
    const known = bySpelling.get(squash(english ?? written)) ?? bySpelling.get(squash(local ?? ''))
    if (known !== undefined) return { header, name: known.name, known }
    if (english !== undefined || /[^\p{ASCII}]/u.test(written)) throw unknownLanguage(header, file)
    return { header, name: `unused_${index}` }
  })
}

function unknownLanguage(header: string, file: string): DataError {
  return new DataError('a column name in another language is not known', {
    where: { file, column: header },
    hint: 'Export with English column names, or report the name with the English one it stands for.',
  })
}
