import { readFile } from 'node:fs/promises'
import { parseRecords } from './archive.ts'
import { UserError, type Where } from './errors.ts'
import { nearest } from './nearest.ts'

/** A small CSV file that people keep: a registry of targets, rates, budgets, or a map from one value to another. */
export interface CsvTable {
  /** As they are in the header. */
  readonly columns: readonly string[]
  readonly rows: readonly CsvRow[]
}

export interface CsvRow {
  /** Counts from 1, the header not included. */
  readonly row: number
  /** Without blanks around it; undefined when it is empty or the table has no such column. */
  readonly value: (column: string) => string | undefined
  readonly mistake: (column: string, what: string, hint: string) => UserError
}

export interface CsvColumns {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

/** `namedAt` is where the file is named. Columns beyond the known ones are left alone, unless misspelt. */
export async function readCsvTable(path: string, name: string, columns: CsvColumns, namedAt: Where): Promise<CsvTable> {
  const [header, ...records] = parseRecords(await readText(path, name, namedAt), Number.MAX_SAFE_INTEGER)
  const names = (header ?? []).map((column) => column.trim())
  checkHeader(names, columns, name)
  const rows = records.map((fields, index) => ({ fields, row: index + 1 })).filter(({ fields }) => fields.some(Boolean))
  return { columns: names, rows: rows.map(({ fields, row }) => toRow(fields, row, names, name)) }
}

async function readText(path: string, name: string, namedAt: Where): Promise<string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
    return text.endsWith('\n') ? text : `${text}\n`
  } catch (cause) {
    if (cause instanceof TypeError) {
      throw new UserError('the file is not UTF-8', { where: { file: name }, hint: 'Save it as CSV UTF-8.', cause })
    }
    throw new UserError(`${name} cannot be read`, {
      where: namedAt,
      hint: 'Name a file that is there; its path is relative to the file that names it.',
      cause,
    })
  }
}

function checkHeader(names: readonly string[], { required, optional }: CsvColumns, file: string): void {
  const has = `It has ${names.filter(Boolean).join(', ') || 'none'}; commas separate columns.`
  for (const column of required) {
    if (!names.includes(column)) {
      throw new UserError(`the file has no column ${column}`, { where: { file }, hint: has })
    }
  }
  const absent = optional.filter((column) => !names.includes(column))
  for (const column of names.filter((known) => !required.includes(known) && !optional.includes(known))) {
    const [meant] = nearest(column, absent)
    if (meant === undefined) continue
    throw new UserError(`the column ${column} is unknown`, { where: { file, column }, hint: `Did you mean ${meant}?` })
  }
}

function toRow(fields: readonly string[], row: number, names: readonly string[], file: string): CsvRow {
  if (fields.some((field) => field.startsWith('"'))) {
    throw new UserError('the row has a quote that is not closed', {
      where: { file, row },
      hint: 'A quote within quotes is written twice.',
    })
  }
  if (fields.length !== names.length) {
    throw new UserError(`the row has ${fields.length} fields and the header ${names.length}`, {
      where: { file, row },
      hint: 'A field with a comma in it needs double quotes around it.',
    })
  }
  const value = (column: string) => fields[names.indexOf(column)]?.trim() || undefined
  return {
    row,
    value,
    mistake: (column, what, hint) =>
      new UserError(what, { where: { file, row, column, value: value(column) ?? '' }, hint }),
  }
}

/** A day such as `2026-04-01`; undefined when the cell is empty. */
export function readDay(row: CsvRow, column: string): string | undefined {
  const text = row.value(column)
  if (text === undefined) return undefined
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined
  if (day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) return text
  throw row.mistake(column, `${column} is not a day`, 'Write it as 2026-04-01.')
}
