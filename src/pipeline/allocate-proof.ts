import type { Session } from '../core/duckdb.ts'
import { DataError, type Where } from '../core/errors.ts'
import { readBeside } from '../core/sql.ts'
import type { Proof } from './allocate-record.ts'

const measures = ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'ConsumedQuantity', 'PricingQuantity']

/**
 * Proves by plain SQL over the two files that the parts of every charge sum to it, each cost and quantity on its own.
 * DataError names the first charge that does not tie; nothing is published then.
 */
export async function proveParts(
  session: Session,
  originFile: string,
  partsFile: string,
  where: Where,
): Promise<Proof> {
  await session.set('origin_file', originFile)
  await session.set('parts_file', partsFile)
  await session.run(readBeside(import.meta.url, 'allocate-proof.sql'))
  const [first] = await session.rows<{ origin_row: string; whole: string | null; sums: string | null; n: string }>(
    'SELECT origin_row, whole::VARCHAR AS whole, sums::VARCHAR AS sums, count(*) OVER () AS n FROM unproven ORDER BY origin_row LIMIT 1',
  )
  if (first !== undefined) {
    throw new DataError(
      `${first.n === '1' ? '1 charge is' : `${first.n} charges are`} not the sum of the parts: ${first.whole ?? 'no such charge'} against ${first.sums ?? 'no part'}`,
      {
        where: { ...where, row: Number(first.origin_row) },
        hint: 'Nothing was allocated. This is a fault of focal: please report it with the rules.',
      },
    )
  }
  const [{ charges } = { charges: '0' }] = await session.rows<{ charges: string }>(
    "SELECT count(*) AS charges FROM read_parquet(getvariable('origin_file'))",
  )
  return { charges: Number(charges), measures }
}
