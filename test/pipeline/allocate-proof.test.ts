import path from 'node:path'
import { expect, test } from 'vitest'
import { openSession, quoteText, type Session } from '../../src/core/duckdb.ts'
import { DataError } from '../../src/core/errors.ts'
import { proveParts } from '../../src/pipeline/allocate-proof.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** Rows of row number, cost and quantity as files; every cost of a row is the same. */
async function prove(origins: string, parts: string) {
  const folder = temporaryFolder()
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    const files = [path.join(folder, 'origins.parquet'), path.join(folder, 'parts.parquet')] as const
    await write(session, origins, files[0])
    await write(session, parts, files[1])
    return await proveParts(session, ...files, { source: 'tiny', period: '2026-10' })
  } finally {
    session.close()
  }
}

async function write(session: Session, rows: string, file: string): Promise<void> {
  await session.run(`COPY (
    SELECT row::BIGINT AS "x_OriginRow", cost::DECIMAL(38, 18) AS "BilledCost", cost::DECIMAL(38, 18) AS "EffectiveCost",
      cost::DECIMAL(38, 18) AS "ListCost", cost::DECIMAL(38, 18) AS "ContractedCost",
      quantity::DECIMAL(38, 18) AS "ConsumedQuantity", quantity::DECIMAL(38, 18) AS "PricingQuantity"
    FROM (VALUES ${rows}) AS rows (row, cost, quantity)) TO ${quoteText(file)} (FORMAT parquet)`)
}

const origins = "(0, '10', '3'), (1, '-0.000000000000000001', NULL)"

test('parts that sum to their charges are proven, whatever order they are in', async () => {
  const parts = "(1, '-0.000000000000000001', NULL), (0, '4', '1'), (1, '0', NULL), (0, '6', '2')"
  expect(await prove(origins, parts)).toEqual({
    charges: 2,
    measures: ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'ConsumedQuantity', 'PricingQuantity'],
  })
})

test.each([
  ['a last digit is lost', "(0, '4', '1'), (0, '5.999999999999999999', '2'), (1, '-0.000000000000000001', NULL)", 1, 0],
  ['a charge has no part', "(0, '10', '3')", 1, 1],
  ['a part has no charge', "(0, '10', '3'), (1, '-0.000000000000000001', NULL), (2, '1', '1')", 1, 2],
  ['a quantity came from nowhere', "(0, '10', '3'), (1, '-0.000000000000000001', '0')", 1, 1],
  ['all are wrong', "(0, '1', '1'), (1, '1', '1')", 2, 0],
])('when %s, the first such charge is named', async (_what, parts, charges, row) => {
  const error: unknown = await prove(origins, parts).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DataError)
  expect(error).toMatchObject({
    where: { source: 'tiny', period: '2026-10', row },
    hint: 'Nothing was allocated. This is a fault of focal: please report it with the rules.',
  })
  expect((error as DataError).message).toContain(
    `${charges === 1 ? '1 charge is' : `${charges} charges are`} not the sum of the parts: `,
  )
})
