import { duckdbType } from '../core/focus.ts'
import type { Dataset } from './dataset.ts'
import type { CheckResult, Outcome } from './result.ts'
import { isDouble, isRightType, type TableColumn } from './subject.ts'

/**
 * What a table's columns say before any row is read: which are missing, of a wrong type, unknown or out of
 * place. `textFile` leaves out the types, which a text file does not have.
 */
export function checkStructure(columns: readonly TableColumn[], schema: Dataset, textFile: boolean): CheckResult[] {
  const checks = [missingMandatory, missingOthers, unknownColumns, customColumnNames, customColumnsLast]
  return (textFile ? checks : [...checks, wrongTypes, decimalsInDoubles]).map((check) => check(columns, schema))
}

type StructureCheck = (columns: readonly TableColumn[], schema: Dataset) => CheckResult

const missingMandatory: StructureCheck = (columns, schema) => {
  const missing = schema.columns.filter(({ id, level }) => level === 'Mandatory' && !has(columns, id))
  const rule = { id: 'focal-mandatory-columns', keyword: 'MUST', text: 'Every Mandatory column is there' } as const
  return result(
    rule,
    'failed',
    missing.map(({ id }) => ({ column: id })),
  )
}

const missingOthers: StructureCheck = (columns, schema) => {
  const missing = schema.columns.filter(({ id, level }) => level !== 'Mandatory' && !has(columns, id))
  const text = 'A column that FOCUS asks for under a condition is there, unless the condition does not hold'
  const rule = { id: 'focal-conditional-columns', keyword: 'SHOULD', text } as const
  return result(
    rule,
    'noted',
    missing.map(({ id, presence }) => (presence === undefined ? { column: id } : { column: id, condition: presence })),
  )
}

const unknownColumns: StructureCheck = (columns, schema) => {
  const unknown = columns.filter(({ name }) => !isFocus(name, schema) && !name.startsWith('x_'))
  const text = 'A column is spelled as in FOCUS, or starts with x_'
  const rule = { id: 'ColumnHandling-A-010-M', keyword: 'MUST', text } as const
  return result(
    rule,
    'failed',
    unknown.map(({ name }) => ({ column: name })),
  )
}

const customColumnNames: StructureCheck = (columns) => {
  const odd = columns.filter(({ name }) => name.startsWith('x_') && !/^x_[A-Z][A-Za-z0-9]{0,47}$/.test(name))
  const text = 'A custom column is in Pascal case after its x_, of letters and digits, at most 50 characters long'
  const rule = { id: 'ColumnHandling-A-011-O', keyword: 'SHOULD', text } as const
  return result(
    rule,
    'warned',
    odd.map(({ name }) => ({ column: name })),
  )
}

const customColumnsLast: StructureCheck = (columns, schema) => {
  const firstCustom = columns.findIndex(({ name }) => !isFocus(name, schema))
  const late = firstCustom < 0 ? [] : columns.slice(firstCustom).filter(({ name }) => isFocus(name, schema))
  const rule = {
    id: 'ColumnHandling-A-013-O',
    keyword: 'SHOULD',
    text: 'FOCUS columns stand before all others',
  } as const
  return result(
    rule,
    'warned',
    late.map(({ name }) => ({ column: name })),
  )
}

const wrongTypes: StructureCheck = (columns, schema) => {
  const rule = { id: 'focal-column-types', keyword: 'MUST', text: 'A column has the type that FOCUS gives it' } as const
  return result(
    rule,
    'failed',
    typed(columns, schema).flatMap(({ column, type }) =>
      isRightType(column, type) ? [] : [{ column: column.id, type, expected: duckdbType(column.type) }],
    ),
  )
}

const decimalsInDoubles: StructureCheck = (columns, schema) => {
  const text = 'A decimal is stored as DECIMAL: sums of doubles drift'
  const rule = { id: 'focal-decimal-in-double', keyword: 'SHOULD', text } as const
  return result(
    rule,
    'warned',
    typed(columns, schema).flatMap(({ column, type }) =>
      column.type === 'decimal' && isDouble(type) ? [{ column: column.id, type }] : [],
    ),
  )
}

function result(
  rule: Pick<CheckResult, 'id' | 'keyword' | 'text'>,
  broken: Outcome,
  samples: CheckResult['samples'],
): CheckResult {
  const outcome = samples.length === 0 ? 'passed' : broken
  return {
    ...rule,
    kind: 'structure',
    column: undefined,
    outcome,
    rows: samples.length,
    share: null,
    known: 0,
    gaps: [],
    samples,
  }
}

function has(columns: readonly TableColumn[], id: string): boolean {
  return columns.some(({ name }) => name === id)
}

function isFocus(name: string, schema: Dataset): boolean {
  return schema.columns.some(({ id }) => id === name)
}

function typed(columns: readonly TableColumn[], schema: Dataset) {
  return columns.flatMap(({ name, type }) =>
    schema.columns.filter(({ id }) => id === name).map((column) => ({ column, type })),
  )
}
