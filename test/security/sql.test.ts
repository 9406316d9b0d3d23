import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openSession } from '../../src/core/duckdb.ts'
import { dataFile, deliver } from '../pipeline/tiny-bill.ts'
import { workbench } from '../pipeline/workbench.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const root = fileURLToPath(new URL('../../src/', import.meta.url))
const keyword = /\b(?:SELECT|FROM|INSERT INTO|CREATE|COPY|ATTACH|DROP|ALTER|WHERE|SET|DESCRIBE)\b/

/** Quotes written by hand around what is spliced in: who writes them forgets to double those within. */
function handmadeQuotes(file: string, text: string): string[] {
  return [...text.matchAll(/`(?:[^`\\]|\\.)*`/g)].flatMap(({ 0: template, index }) =>
    keyword.test(template) && /(['"])\$\{[^}]*\}[^'"`\s]*\1?/.test(template)
      ? [`${file}:${text.slice(0, index).split('\n').length}`]
      : [],
  )
}

/** Texts that are no SQL, or that splice a name that the code itself makes up. */
const known = new Set(['commands/demo.ts', 'commands/lake-allocations.ts', 'transforms/side-by-side.ts'])

test('SQL quotes what it is given by quoteIdentifier and quoteText, never by hand', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = files.flatMap((file) => handmadeQuotes(file, readFileSync(path.join(root, file), 'utf8')))
  expect(found.filter((place) => !known.has(place.replace(/:\d+$/, '')))).toEqual([])
})

test('this test finds what it looks for', () => {
  const text =
    'const a = 1\nsession.run(`SELECT * FROM "${name}"`)\nrun(`COPY x TO \'${file}\'`)\nrun(`SELECT ${list}`)\n'
  expect(handmadeQuotes('a.ts', text)).toEqual(['a.ts:2', 'a.ts:3'])
})

test('names full of quotes and statements are names: of folders, of columns, of values', async () => {
  const hostile = `it's "x"; DROP TABLE stage; --`
  const folder = temporaryFolder()
  const bench = workbench(path.join(folder, hostile.replaceAll('/', '-')))
  const month = { period: '2026-10', id: 'd1', charges: [{ cost: '1.5', service: `O'Brien; DROP TABLE made; --` }] }
  deliver(bench.bills, month)
  const bill = path.join(bench.bills, dataFile(month))
  const header = `"resourceTags/user:${hostile.replaceAll('"', '""')}"`
  writeFileSync(bill, readFileSync(bill, 'utf8').replace('resourceTags/user:CostCenter', header))
  writeFileSync(
    bench.configFile,
    `lake: ./lake\nengine: { memoryLimit: 1GB, threads: 2 }\nsources:\n  - name: tiny\n    connector: aws\n    location: ./bills\n`,
  )
  expect(await bench.run()).toEqual(['2026-10 published: first delivery d1'])
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    await session.set('file', path.join(bench.lake, 'focus/billing_period=2026-10/source=tiny/focus.parquet'))
    expect(
      await session.rows(
        "SELECT BilledCost::DECIMAL(9, 2)::VARCHAR AS billed, json_keys(Tags) AS tags FROM read_parquet(getvariable('file'))",
      ),
    ).toEqual([{ billed: '1.50', tags: [hostile] }])
  } finally {
    session.close()
  }
})
