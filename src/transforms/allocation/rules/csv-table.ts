import { readFile } from 'node:fs/promises'
import { parseRecords } from '../../../core/archive.ts'
import { UserError, type Where } from '../../../core/errors.ts'
import { nearest } from './nearest.ts'
import type { Validity } from '../rule-set.ts'

/** A small CSV file that people keep: a registry of targets, or a map from one value to another. */
export interface CsvTable {
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

/** `namedAt` is where the rules name the file. Columns beyond the known ones are left alone, unless misspelt. */
export async function readCsvTable(path: string, name: string, columns: CsvColumns, namedAt: Where): Promise<CsvTable> {
  const [header, ...records] = parseRecords(await readText(path, name, namedAt), Number.MAX_SAFE_INTEGER)
  const names = (header ?? []).map((column) => column.trim())
  checkHeader(names, columns, name)
  const rows = records.map((fields, index) => ({ fields, row: index + 1 })).filter(({ fields }) => fields.some(Boolean))
  return { rows: rows.map(({ fields, row }) => toRow(fields, row, names, name)) }
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
      hint: 'Name a file that is there; its path is relative to the file with the rules.',
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

/** The two columns of dates as a validity; both may be empty or absent. */
export function readValidity(row: CsvRow): Validity {
  const from = readDay(row, 'valid_from')
  const to = readDay(row, 'valid_to')
  if (from !== undefined && to !== undefined && from >= to) {
    throw row.mistake('valid_to', 'valid_to is not after valid_from', 'valid_to is the first day after.')
  }
  return { from, to }
}

function readDay(row: CsvRow, column: string): string | undefined {
  const text = row.value(column)
  if (text === undefined) return undefined
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined
  if (day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) return text
  throw row.mistake(column, `${column} is not a day`, 'Write it as 2026-04-01.')
}
