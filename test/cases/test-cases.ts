import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { trimZeros } from '../../src/core/decimal.ts'
import { casesOf, placeInput, readIfThere } from './case.ts'
import { rowsAsCsv } from './lake.ts'
import { runSpoilt, workspace } from './refusal.ts'

/** Every case of a provider: its input through a whole run, and what is published or refused. */
export function testCases(provider: string): void {
  const cases = casesOf(provider)
  const published = cases.filter(({ folder }) => readIfThere(folder, 'expected.csv') !== undefined)
  const refused = cases.filter(({ folder }) => readIfThere(folder, 'expected-error.txt') !== undefined)

  test('every case says what is expected, and one thing only', () => {
    const names = [...published, ...refused].map(({ name }) => name)
    expect(cases.length).toBeGreaterThan(0)
    expect(names.toSorted()).toEqual(cases.map(({ name }) => name))
  })

  describe('published', () => {
    test.each(published)('$name', async (one) => {
      const { folder, lake } = workspace()
      await placeInput(one, path.join(folder, 'bill'))
      const options = { location: './bill', ...one.settings.source }
      const { troubles, exitCode } = await lake.run([{ name: 'bill', connector: provider, options }])
      expect(troubles).toEqual([])
      expect(exitCode).toBe(0)
      const expected = readFileSync(path.join(one.folder, 'expected.csv'), 'utf8')
      const columns = expected.slice(0, expected.indexOf('\n')).split(',')
      expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)
      const units = await lake.units()
      // Every case is FOCUS as well, whatever it is about.
      expect(units.flatMap(({ checks }) => checks.failed)).toEqual([])
      const warnings = units.flatMap((unit) => unit.warnings.map((line) => `${line}\n`)).join('')
      expect(warnings).toBe(readIfThere(one.folder, 'expected-warnings.txt') ?? '')
      const accounting = readIfThere(one.folder, 'expected-accounting.csv')
      if (accounting === undefined) return
      const lines = units
        .flatMap((unit) => unit.accounting)
        .map((line) => [line.outcome, line.reason, line.sourceRows, line.focusRows, trimZeros(line.sourceCost)].join(','))
      expect(`outcome,reason,sourceRows,focusRows,sourceCost\n${lines.join('\n')}\n`).toBe(accounting)
    })
  })

  describe('refused: the bill published before stays, the other source is published', () => {
    test.each(refused)('$name', async (one) => {
      const result = await runSpoilt(provider, (location) => placeInput(one, location), one.settings.source)
      expect(`${result.troubles.join('\n\n')}\n`).toBe(readFileSync(path.join(one.folder, 'expected-error.txt'), 'utf8'))
      const waits = result.record.units.some(({ source, result: how }) => source === 'bill' && how === 'waiting')
      expect({ exitCode: result.exitCode, outcome: result.record.outcome }).toEqual(
        waits ? { exitCode: 0, outcome: 'done' } : { exitCode: 3, outcome: 'some failed' },
      )
      expect([...result.before.keys()]).toEqual(['billing_period=2025-01/source=bill/focus.parquet'])
      expect(result.after).toEqual(result.before)
      expect(result.others).toEqual(['billing_period=2025-01/source=other/focus.parquet'])
    })
  })
}
