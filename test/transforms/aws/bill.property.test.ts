import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../../../src/core/duckdb.ts'
import { refuseBrokenIdentities, refuseProblems } from '../../../src/pipeline/conservation.ts'
import { aws } from '../../../src/transforms/aws/index.ts'
import { bill, decimal, reportCsv, type Line } from './random-bill.ts'
import { temporaryFolderOfFile } from './temporary-folder.ts'

/** What must hold for every bill, on bills nobody has thought of. */

const folder = temporaryFolderOfFile()
let runs = 0

interface Made {
  readonly totals: { readonly billed: string; readonly effective: string }
  readonly controls: readonly { readonly measure: string; readonly expected: string }[]
  readonly sourceRows: number
  readonly focusRows: number
  readonly rows: readonly string[]
}

/** The bill through the transform alone, with the pipeline's proofs. */
async function transform(lines: readonly Line[]): Promise<Made> {
  runs += 1
  const scratchDirectory = path.join(folder(), `run-${runs}`)
  mkdirSync(scratchDirectory)
  const file = { path: path.join(scratchDirectory, 'bill.csv'), name: 'bill.csv' }
  writeFileSync(file.path, reportCsv(lines))
  const session = await openSession({
    memoryLimit: '1GB',
    threads: 2,
    tempDirectory: path.join(scratchDirectory, 'spill'),
  })
  try {
    await aws.prepare(session, { period: '2025-01', files: [file], scratchDirectory, options: {} })
    await refuseProblems(session)
    await refuseBrokenIdentities(session)
    const [totals = { billed: '', effective: '' }] = await session.rows<Made['totals']>(
      `SELECT sum(BilledCost)::DECIMAL(38, 10) AS billed, sum(EffectiveCost)::DECIMAL(38, 10) AS effective FROM
       (SELECT BilledCost, EffectiveCost FROM focus UNION ALL SELECT 0, 0)`,
    )
    const [accounted] = await session.rows<Record<'source' | 'focus', string>>(
      'SELECT sum(source_rows) AS source, sum(focus_rows) AS focus FROM accounting',
    )
    const rows = await session.rows<{ row: string }>('SELECT to_json(focus)::VARCHAR AS row FROM focus')
    return {
      totals,
      controls: await session.rows(
        'SELECT measure, expected::DECIMAL(38, 10) AS expected FROM controls ORDER BY measure',
      ),
      sourceRows: Number(accounted?.source),
      focusRows: Number(accounted?.focus),
      rows: rows.map(({ row }) => row).toSorted(),
    }
  } finally {
    session.close()
  }
}

test('totals tie, every row is accounted for, and the order of rows says nothing', async () => {
  await fc.assert(
    fc.asyncProperty(bill, fc.infiniteStream(fc.nat()), async (parts, random) => {
      const lines = parts.flatMap((part) => part.lines)
      const billed = decimal(parts.reduce((total, part) => total + part.billed, 0n))
      const effective = decimal(parts.reduce((total, part) => total + part.effective, 0n))
      const focusRows = parts.reduce((total, part) => total + part.focusRows, 0)
      const made = await transform(lines)
      expect(made.totals).toEqual({ billed, effective })
      expect(made.controls).toEqual([
        { measure: 'BilledCost', expected: billed },
        { measure: 'EffectiveCost', expected: effective },
      ])
      expect(made.sourceRows).toBe(lines.length)
      expect(made.focusRows).toBe(focusRows)
      expect(made.rows).toHaveLength(focusRows)

      const keyed = lines.map((line) => ({ line, key: random.next().value }))
      const shuffled = keyed.toSorted((a, b) => a.key - b.key).map(({ line }) => line)
      expect((await transform(shuffled)).rows).toEqual(made.rows)
    }),
    { numRuns: 12 },
  )
})
