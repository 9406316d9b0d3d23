import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { asHtml, asMarkdown, gapReport, junitXml, validatePath, type ValidationReport } from '../../src/checks/index.ts'
import { validate } from '../../src/commands/validate.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { conforming, relationOf, sharedSession, type FocusRow } from './focus-rows.ts'

const session = sharedSession()
const now = new Date('2026-11-21T06:00:00Z')

/** A failure whose value needs escaping, a known gap and a warning. */
const rows: readonly FocusRow[] = [
  conforming,
  { ...conforming, ResourceType: 'N/A', ResourceId: '<vm> & "co" | 2' },
  { ...conforming, BillingAccountName: null, ProviderName: 'AWS' },
  { ...conforming, SkuMeter: null },
]

async function report(): Promise<{ file: string; found: ValidationReport }> {
  const file = path.join(temporaryFolder(), 'bill.parquet')
  await session().run(`COPY ${relationOf('1.2', rows)} TO '${file}' (FORMAT parquet)`)
  return { file, found: await validatePath(session(), file, undefined) }
}

test('JUnit has a case per check: failures, known gaps skipped, advice in the output', async () => {
  const { found } = await report()
  const xml = junitXml(found)
  expect(xml).toContain(
    '<testsuite name="FOCUS 1.2 CostAndUsage" tests="231" failures="1" skipped="1">\n' +
      '    <testcase classname="ResourceType" name="NullHandling-A-002-M:ResourceType: ResourceType holds no empty text or placeholder where it has no value">' +
      '<failure type="MUST NOT" message="NullHandling-A-002-M:ResourceType: ResourceType holds no empty text or placeholder where it has no value">' +
      '1 row, 25.00% of BilledCost\nfile bill.parquet, row 2, ResourceType &quot;N/A&quot;</failure></testcase>\n',
  )
  expect(xml).toContain('<skipped message="1 row, 25.00% of BilledCost\naws-account-name-unknown, 1 row: The legacy')
  expect(xml).toContain('<system-out>1 row, 25.00% of BilledCost\nfile bill.parquet, row 4, SkuMeter null')
  expect(xml.match(/<testcase /g)).toHaveLength(231)
})

test('the gap report has what was checked, the findings, and every rule of the model', async () => {
  const { found } = await report()
  const text = asMarkdown(gapReport(found, 'bill.parquet', now))
  expect(text.slice(0, text.indexOf('## Every rule'))).toBe(`# FOCUS 1.2 conformance gap report

| What was checked |  |
|---|---|
| Data | bill.parquet |
| Dataset | CostAndUsage |
| FOCUS version | 1.2, as its columns show |
| Extent | 4 rows in 1 file |
| Checks | 231 |
| Date | 2026-11-21 |

## The rules of the requirements model

| Level | holds | known gap | broken | does not apply | not checked |
|---|---|---|---|---|---|
| MAY | 1 | 0 | 0 | 0 | 34 |
| MUST | 241 | 0 | 2 | 26 | 203 |
| MUST NOT | 46 | 1 | 1 | 5 | 14 |
| RECOMMENDED | 7 | 0 | 0 | 0 | 0 |
| SHOULD | 12 | 0 | 0 | 0 | 21 |
| SHOULD NOT | 2 | 0 | 2 | 0 | 3 |

## Rules that are broken

| Check | Level | Rule | Found |
|---|---|---|---|
| NullHandling-A-002-M:ResourceType | MUST NOT | ResourceType holds no empty text or placeholder where it has no value | 1 row, 25.00% of BilledCost; file bill.parquet, row 2, ResourceType "N/A" |

## Known gaps

| Check | Level | Rule | Found |
|---|---|---|---|
| BillingAccountName-C-003-C | MUST NOT | BillingAccountName is not null where accounts have names | 1 row, 25.00% of BilledCost; aws-account-name-unknown, 1 row: The legacy Cost and Usage Report holds account ids only; names need the account list of the organisation. |

## Recommendations that are not met

| Check | Level | Rule | Found |
|---|---|---|---|
| SkuMeter-C-005-C | SHOULD NOT | SkuMeter is not null where SkuId is not null | 1 row, 25.00% of BilledCost; file bill.parquet, row 4, SkuMeter null, SkuId "sku-1" |

## Columns that are left out

Every column is there.

`)
  const everyRule = text.slice(text.indexOf('## Every rule'))
  expect(everyRule.match(/^\| [A-Za-z]+-[ACD]-\d+/gm)).toHaveLength(621)
  expect(text).toContain('| NullHandling-A-002-M | MUST NOT | broken | NullHandling-A-002-M:ResourceType |')
})

test('HTML and Markdown show values as they are', () => {
  const odd = {
    title: 'a & b',
    sections: [{ paragraphs: ['<vm> | *co*'], table: { header: ['"x"'], rows: [['1\n2']] } }],
  }
  expect(asHtml(odd)).toContain(
    '<h1>a &amp; b</h1>\n<p>&lt;vm&gt; | *co*</p>\n<table>\n<thead>\n<tr><th>&quot;x&quot;</th></tr>',
  )
  expect(asMarkdown(odd)).toBe('# a & b\n\n\\<vm\\> \\| \\*co\\*\n\n| "x" |\n|---|\n| 1 2 |\n')
})

test('validate writes what it is asked for, beside what it prints', async () => {
  const { file } = await report()
  const cwd = path.dirname(file)
  let printed = ''
  const stdout = { write: (text: string) => (printed += text) }
  const terminal = { stdout, stderr: stdout, cwd, env: {}, now: () => now }
  const run = (options: Record<string, string>) =>
    validate({ path: 'bill.parquet', ...options }, terminal, new AbortController().signal)
  expect(await run({ junit: 'out/focus.xml', report: 'out/gaps.html' })).toBe(4)
  expect(printed).toContain('4 rows, 231 rules checked, 1 failed, 1 known gap')
  expect(readFileSync(path.join(cwd, 'out/focus.xml'), 'utf8')).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/)
  expect(readFileSync(path.join(cwd, 'out/gaps.html'), 'utf8')).toMatch(/^<!doctype html>/)
  await expect(run({ report: 'gaps.pdf' })).rejects.toThrow('The report can be written as Markdown or HTML only')
})
