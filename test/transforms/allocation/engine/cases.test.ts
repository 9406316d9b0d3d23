import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { trimZeros } from '../../../../src/core/decimal.ts'
import { openSession } from '../../../../src/core/duckdb.ts'
import { describeError } from '../../../../src/core/errors.ts'
import { loadRuleSet } from '../../../../src/transforms/allocation/rules.ts'
import { allocate, type WrittenCharge } from './month.ts'

/**
 * A folder is a test: `allocation.yaml` with its drivers, `charges.csv` with the columns that matter, and
 * `expected.csv` with the columns of the parts that are worth reading, or `expected-error.txt`.
 */
const cases = fileURLToPath(new URL('../../../cases/allocation/', import.meta.url))

test.for(readdirSync(cases).toSorted())('%s', async (name) => {
  const folder = path.join(cases, name)
  const error = readIfThere(path.join(folder, 'expected-error.txt'))
  if (error !== undefined) {
    const message = await allocated(folder, 'source').then(String, (thrown: unknown) => describeError(thrown))
    expect(message.replaceAll(folder, '.').trim()).toBe(error.trim())
    return
  }
  const expected = readFileSync(path.join(folder, 'expected.csv'), 'utf8')
  expect(await allocated(folder, expected.split('\n')[0] ?? '')).toBe(expected)
})

/** The parts as CSV, with the columns of the header; a column may be an alias such as `x_Target`. */
async function allocated(folder: string, header: string): Promise<string> {
  const ruleSet = await loadRuleSet(path.join(folder, 'allocation.yaml'), {})
  const session = await allocate(ruleSet, await readCharges(path.join(folder, 'charges.csv')))
  try {
    const { columns, rows } = await session.table(
      `SELECT ${header} FROM allocated ORDER BY source, x_OriginRow, x_Target, x_PoolPath, x_AllocationReason NULLS FIRST`,
    )
    return [columns, ...rows].map((row) => `${row.map(toCsv).join(',')}\n`).join('')
  } finally {
    session.close()
  }
}

/** A decimal in its shortest text; all else as DuckDB writes it. */
function toCsv(value: unknown): string {
  if (value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const plain = /^-?\d+\.\d+$/.test(text) ? trimZeros(text) : text
  return /[",\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

async function readCharges(file: string): Promise<WrittenCharge[]> {
  const session = await openSession({ memoryLimit: '128MB', threads: 1, tempDirectory: `${file}.spill` })
  try {
    return await session.rows<WrittenCharge>('SELECT * FROM read_csv($file, all_varchar = true, header = true)', {
      file,
    })
  } finally {
    session.close()
  }
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
