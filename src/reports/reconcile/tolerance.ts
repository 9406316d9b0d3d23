import { decimalsOf } from '../chargeback/amounts.ts'

/** One subunit of a currency, such as a cent, as a count of 10^-18. */
export function subunitOf(currency: string): bigint {
  return 10n ** BigInt(18 - decimalsOf(currency))
}

/**
 * What FOCUS 1.4 (BilledCost, Rounding Variance Tolerance) allows an issued invoice and the charges behind it to differ
 * by: the greater of 100 subunits and half a subunit times the root of the rows. As a count of 10^-18, cut to a whole one.
 */
export function roundingTolerance(rows: number, currency: string): bigint {
  const subunit = subunitOf(currency)
  const byRows = squareRoot(BigInt(rows) * subunit * subunit) / 2n
  return byRows > 100n * subunit ? byRows : 100n * subunit
}

/** FOCUS gives taxes no tolerance. The invoice's own line is in whole subunits, so less than one of them is rounding. */
export function taxTolerance(currency: string): bigint {
  return subunitOf(currency) - 1n
}

/** The greatest integer whose square is not above a number, by Newton's method. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2))
  for (;;) {
    const next = (root + square / root) / 2n
    if (next >= root) return root
    root = next
  }
}
