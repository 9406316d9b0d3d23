import { greatestCommonDivisor } from './exact.ts'

/**
 * Pools that give to each other, solved at once. `weights[p][q]` is what pool p gives to pool q of the circle, and
 * `exits[p][e]` what it gives to receiver e outside; `totals[p]` is the sum of both. All are integers.
 *
 * What pool p gives to the outside in the end is the row x of (I - S)⁻¹ R, with S and R the weights over the totals.
 * Every row multiplied by its total, that is (T - W) X = E, a system of integers, solved without fractions.
 */
export interface Circle {
  readonly weights: readonly (readonly bigint[])[]
  readonly exits: readonly (readonly bigint[])[]
  readonly totals: readonly bigint[]
}

/**
 * For each pool its weights for the receivers outside, by whose sum they are to be divided; undefined when money
 * would go round for ever, since no way leads out.
 */
export function solveCircle({ weights, exits, totals }: Circle): bigint[][] | undefined {
  const rows = totals.map((total, p) => [
    ...(weights[p] ?? []).map((weight, q) => (p === q ? total : 0n) - weight),
    ...(exits[p] ?? []),
  ])
  const solved = eliminate(rows)
  return solved?.map((row) => lowestTerms(row.slice(totals.length)))
}

/**
 * Solves A X = B for the rows [A | B] by fraction-free elimination (Bareiss): every division is exact. A becomes the
 * determinant times the identity, and the rest of a row the solution times the determinant. Undefined when A is
 * singular.
 */
export function eliminate(matrix: readonly (readonly bigint[])[]): bigint[][] | undefined {
  let rows = matrix.map((row) => [...row])
  let previous = 1n
  for (let step = 0; step < rows.length; step++) {
    const pivotRow = rows.findIndex((row, index) => index >= step && at(row, step) !== 0n)
    if (pivotRow < 0) return undefined
    rows = swap(rows, step, pivotRow)
    const pivot = rows[step] ?? []
    const lead = at(pivot, step)
    const divisor = previous
    rows = rows.map((row, index) =>
      index === step ? row : row.map((cell, column) => (cell * lead - at(row, step) * at(pivot, column)) / divisor),
    )
    previous = lead
  }
  return rows
}

function at(row: readonly bigint[], column: number): bigint {
  return row[column] ?? 0n
}

function swap(rows: bigint[][], a: number, b: number): bigint[][] {
  return rows.map((row, index) => (index === a ? (rows[b] ?? []) : index === b ? (rows[a] ?? []) : row))
}

/** The determinant may be negative, and then so is every weight: their proportions count. */
function lowestTerms(weights: readonly bigint[]): bigint[] {
  const divisor = weights.reduce(greatestCommonDivisor, 0n)
  const sign = weights.some((weight) => weight < 0n) ? -1n : 1n
  return weights.map((weight) => (sign * weight) / divisor)
}
