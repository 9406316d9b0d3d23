import { trimZeros } from '../core/decimal.ts'
import type { Session } from '../core/duckdb.ts'
import { DataError } from '../core/errors.ts'
import type { AccountingLine, ControlTotal } from './state.ts'

/** The promises that lose money when broken, proven on every unit before it is published. */

interface Problem {
  readonly problem: string
  readonly file: string
  readonly column: string
  readonly value: string
  readonly source_rows: string
  readonly hint: string
}

/** DataError for the first source value that no rule covers, with the row it is in. */
export async function refuseProblems(session: Session): Promise<void> {
  const problems = await session.rows<Problem>('SELECT * FROM problems ORDER BY source_rows DESC, problem, file, value')
  const [first, ...others] = problems
  if (first === undefined) return
  const [place] = await session.rows<{ row_number: string | null }>(
    'SELECT min(row_number) AS row_number FROM problem_rows WHERE problem = $problem AND file = $file AND value = $value',
    { problem: first.problem, file: first.file, value: first.value },
  )
  const rows = first.source_rows === '1' ? '1 row' : `${first.source_rows} rows`
  const more = others.length > 0 ? `; ${others.length} more such problems` : ''
  throw new DataError(`${first.problem} (${rows}${more})`, {
    where: {
      file: first.file,
      ...(place?.row_number && { row: Number(place.row_number) }),
      column: first.column,
      value: first.value,
    },
    hint: first.hint,
  })
}

/** DataError when the source's own columns contradict one another beyond its own rounding. */
export async function refuseBrokenIdentities(session: Session): Promise<void> {
  const [broken, ...others] = await session.rows<{
    identity: string
    subject: string
    difference: string
    tolerance: string
  }>('SELECT * FROM identities WHERE abs(difference) > tolerance ORDER BY abs(difference) DESC, identity, subject')
  if (broken === undefined) return
  const more = others.length > 0 ? `, and ${others.length} more` : ''
  throw new DataError(
    `the bill contradicts itself: ${broken.identity}: ${broken.subject} is off by ${trimZeros(broken.difference)}, more than its rounding of ${trimZeros(broken.tolerance)}${more}`,
    { hint: 'Deliver the report again; if it stays, ask the provider which of the two amounts is right.' },
  )
}

export async function readAccounting(session: Session): Promise<AccountingLine[]> {
  const lines = await session.rows<{
    outcome: string
    reason: string
    source_rows: string
    focus_rows: string
    source_cost: string
  }>('SELECT * FROM accounting ORDER BY outcome, reason')
  return lines.map((line) => ({
    outcome: line.outcome,
    reason: line.reason,
    sourceRows: Number(line.source_rows),
    focusRows: Number(line.focus_rows),
    sourceCost: line.source_cost,
  }))
}

/**
 * Compares the file that was written with what the source says it must hold: row counts by the accounting,
 * totals by the controls, both exactly. DataError when they differ.
 */
export async function refuseWrongTotals(
  session: Session,
  accounting: readonly AccountingLine[],
): Promise<ControlTotal[]> {
  const expectedRows = accounting.reduce((sum, { focusRows }) => sum + focusRows, 0)
  const [made] = await session.rows<Record<string, string>>(
    'SELECT count(*) AS rows, coalesce(sum(BilledCost), 0) AS "BilledCost", coalesce(sum(EffectiveCost), 0) AS "EffectiveCost" FROM made',
  )
  if (Number(made?.['rows']) !== expectedRows) {
    throw new DataError(`the rows do not add up: ${expectedRows} expected from the source, ${made?.['rows']} made`, {
      hint: 'Nothing was published. This is a fault of focal: please report it with the delivery.',
    })
  }
  const controls = await session.rows<{ measure: string; basis: string; expected: string }>(
    'SELECT * FROM controls ORDER BY measure',
  )
  return controls.map(({ measure, basis, expected }) => {
    const actual = made?.[measure] ?? ''
    if (trimZeros(actual) !== trimZeros(expected)) {
      throw new DataError(
        `the total of ${measure} does not tie: ${trimZeros(expected)} in the source (${basis}), ${trimZeros(actual)} made`,
        {
          hint: 'Nothing was published. Send the delivery with your report: the row plan misses a case.',
        },
      )
    }
    return { measure, basis, expected: trimZeros(expected), actual: trimZeros(actual) }
  })
}

/** What the transform kept but finds worth a look, one line each. */
export async function readWarnings(session: Session): Promise<string[]> {
  const found = await session.rows<{ warning: string; value: string | null; source_rows: string; hint: string }>(
    'SELECT * FROM warnings WHERE source_rows > 0 ORDER BY warning, source_rows DESC, value',
  )
  return found.map(
    ({ warning, value, source_rows, hint }) =>
      `${source_rows} ${source_rows === '1' ? 'row' : 'rows'}: ${warning}${value ? `: ${value}` : ''}. ${hint}`,
  )
}
