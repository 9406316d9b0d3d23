import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { trimZeros } from '../../../src/core/decimal.ts'
import type { FocusVersion } from '../../../src/core/focus.ts'
import { exportUnit } from '../../../src/pipeline/export.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { workspace } from '../../cases/refusal.ts'

/** The 1,000 real rows of FOCUS 1.0 that the FOCUS project publishes: three issuers, two billing periods, one file. */
const sample = fileURLToPath(new URL('../../../../shared/samples/focus/focus10_sample', import.meta.url))
const folder = existsSync(sample) ? sample : undefined

const october = { currency: 'USD', rows: 1, billedCost: '0.24', effectiveCost: '0' }
const september = { currency: 'USD', rows: 999, billedCost: '20.28022672899', effectiveCost: '14.97651418586' }

describe.skipIf(folder === undefined)('the FOCUS 1.0 sample', () => {
  test.each(['1.2', '1.4'] as const)(
    'is published as FOCUS %s, totals exact and every repair counted',
    async (focusVersion) => {
      const { lake } = workspace()
      const source = { name: 'sample', connector: 'focus', options: { location: folder } }
      const { troubles } = await lake.run([source], {}, { focusVersion })
      expect(troubles).toEqual([])
      const units = await lake.units()
      expect(
        units.map(({ period, totals }) => [
          period,
          totals.map(({ currency, rows, billedCost, effectiveCost }) => ({
            currency,
            rows,
            billedCost: trimZeros(billedCost),
            effectiveCost: trimZeros(effectiveCost),
          })),
        ]),
      ).toEqual([
        ['2024-09', [september]],
        ['2024-10', [october]],
      ])
      expect(units.map(({ warnings }) => warnings.filter((line) => !line.includes(' rows break ')))).toEqual([
        [
          "1 row: float noise: 1 values. Amounts of 16 or 17 digits, as doubles print them: kept to the digit, so that totals are the issuer's.",
          '999 rows: literal NULL: 8968 values. Read as no value.',
          '999 rows: stray id column: Id. Kept as x_SourceLineId.',
          '999 rows: time not written as in 2025-01-31T23:00:00Z: 3996 values. Read as UTC where it names no time zone.',
        ],
        [
          '1 row: literal NULL: 5 values. Read as no value.',
          '1 row: stray id column: Id. Kept as x_SourceLineId.',
          '1 row: time not written as in 2025-01-31T23:00:00Z: 4 values. Read as UTC where it names no time zone.',
        ],
      ])
      expect(
        units
          .flatMap(({ accounting }) => accounting)
          .map(({ outcome, reason, sourceRows, sourceCost }) => [outcome, reason, sourceRows, trimZeros(sourceCost)]),
      ).toEqual([
        ['dropped', 'of another billing period: published with it', 1, '0.24'],
        ['kept', 'read as FOCUS 1.0', 999, '20.28022672899'],
        ['dropped', 'of another billing period: published with it', 999, '20.28022672899'],
        ['kept', 'read as FOCUS 1.0', 1, '0.24'],
      ])
    },
  )

  test('goes out again in any version with the same totals', { timeout: 60_000 }, async () => {
    const { folder: output, lake } = workspace()
    await lake.run([{ name: 'sample', connector: 'focus', options: { location: folder } }])
    const units = await lake.units()
    const engine = { ...lake.config.engine, tempDirectory: `${output}/spill` }
    const written: string[] = []
    for (const version of ['1.0', '1.2', '1.4'] satisfies FocusVersion[]) {
      for (const unit of units) {
        // It reads the file back and throws unless rows and costs are those of the record.
        const file = await exportUnit(
          localSink(lake.config.lake),
          unit,
          { version, format: 'csv', output: `${output}/${version}` },
          engine,
        )
        written.push(`${version}/${file.path}`)
      }
    }
    expect(written.length).toBe(6)
    expect(written.every((file) => existsSync(`${output}/${file}`))).toBe(true)
  })
})
