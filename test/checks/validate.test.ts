import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeReport, reportJson, validatePath } from '../../src/checks/index.ts'
import { versionOfColumns } from '../../src/checks/version.ts'
import { describeError } from '../../src/core/errors.ts'
import { focusSchema, focusVersions, type FocusVersion } from '../../src/core/focus.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { conforming, purchase, relationOf, sharedSession, used, type FocusRow } from './focus-rows.ts'

const session = sharedSession()

async function write(file: string, rows: readonly FocusRow[], version: FocusVersion = '1.2'): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true })
  const isText = !file.endsWith('.parquet')
  const format = isText ? `csv, HEADER${file.endsWith('.gz') ? ', COMPRESSION gzip' : ''}` : 'parquet'
  await session().run(`COPY ${relationOf(version, rows, !isText)} TO '${file}' (FORMAT ${format})`)
}

async function errorOf(location: string): Promise<string> {
  return validatePath(session(), location, undefined).then(() => 'no error', describeError)
}

const summary = async (location: string, version?: FocusVersion) => {
  const { files, version: used_, versionFrom, rows, failed, checks } = await validatePath(session(), location, version)
  const broken = checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)
  return { files, version: used_, versionFrom, rows, failed, broken }
}

describe('what is read', () => {
  test.each(['bill.parquet', 'bill.csv', 'bill.csv.gz'])('a file %s', async (name) => {
    const file = path.join(temporaryFolder(), name)
    await write(file, [conforming, used, purchase])
    expect(await summary(file)).toEqual({
      files: 1,
      version: '1.2',
      versionFrom: 'columns',
      rows: 3,
      failed: 0,
      broken: [],
    })
  })

  test('a folder at any depth, without what is hidden or set aside', async () => {
    const folder = temporaryFolder()
    await write(path.join(folder, 'a.csv'), [conforming])
    await write(path.join(folder, 'deep/er/b.csv.gz'), [conforming, { ...conforming, ChargeCategory: 'Refund' }])
    await write(path.join(folder, '_old/c.csv'), [{ ...conforming, BilledCost: null }])
    await write(path.join(folder, '.hidden.csv'), [{ ...conforming, BilledCost: null }])
    writeFileSync(path.join(folder, 'manifest.json'), '{}')
    const report = await validatePath(session(), folder, undefined)
    expect([report.files, report.rows]).toEqual([2, 3])
    expect(report.checks.find(({ id }) => id === 'ChargeCategory-C-003-M')).toMatchObject({
      rows: 1,
      samples: [{ file: 'deep/er/b.csv.gz', row: 2, ChargeCategory: 'Refund' }],
    })
  })

  test('a lake: its published FOCUS partitions, without the columns that its folders spell', async () => {
    const lake = temporaryFolder()
    await write(path.join(lake, 'focus/billing_period=2025-01/source=one/focus.parquet'), [conforming])
    await write(path.join(lake, 'focus/billing_period=2025-01/source=two/focus.parquet'), [
      used,
      { ...used, Tags: '[]' },
    ])
    await write(path.join(lake, 'allocated/billing_period=2025-01/source=one/allocated.parquet'), [
      { ...conforming, Tags: '[]' },
    ])
    const report = await validatePath(session(), lake, undefined)
    expect([report.files, report.rows, report.failed]).toEqual([2, 3, 1])
    expect(report.checks[0]).toMatchObject({
      id: 'KeyValueFormat-A-001-M:Tags',
      samples: [{ file: 'billing_period=2025-01/source=two/focus.parquet', row: 2, Tags: '[]' }],
    })
  })

  test('the version asked for, whatever the columns show', async () => {
    const file = path.join(temporaryFolder(), 'bill.parquet')
    await write(file, [conforming], '1.4')
    expect(await summary(file, '1.2')).toMatchObject({
      version: '1.2',
      versionFrom: 'given',
      broken: ['focal-mandatory-columns', 'ColumnHandling-A-010-M'],
    })
  })
})

describe('text files', () => {
  test('a number or time that cannot be read is a violation with its row, and counts as null', async () => {
    const file = path.join(temporaryFolder(), 'bill.csv')
    await write(file, [conforming, { ...conforming, ListCost: '12,50', ChargePeriodStart: '10.01.2025' }])
    const report = await validatePath(session(), file, undefined)
    expect(report.checks.filter(({ outcome }) => outcome === 'failed').map(({ id, samples }) => [id, samples])).toEqual(
      [
        ['ListCost-C-003-M', [{ file: 'bill.csv', row: 2, ListCost: null }]],
        ['ChargePeriodStart-C-003-M', [{ file: 'bill.csv', row: 2, ChargePeriodStart: null }]],
        ['focal-readable-decimal:ListCost', [{ file: 'bill.csv', row: 2, 'ListCost as written': '12,50' }]],
        [
          'focal-readable-datetime:ChargePeriodStart',
          [{ file: 'bill.csv', row: 2, 'ChargePeriodStart as written': '10.01.2025' }],
        ],
      ],
    )
  })

  test('ids keep their zeros, and what looks like a number or a date stays text', async () => {
    const file = path.join(temporaryFolder(), 'bill.csv')
    await write(file, [{ ...conforming, BillingAccountId: '000000000001', BillingAccountName: ' 2025-01-01' }])
    const report = await validatePath(session(), file, undefined)
    expect(report.checks[0]).toMatchObject({
      id: 'focal-blanks-around:BillingAccountName',
      outcome: 'warned',
      samples: [{ file: 'bill.csv', row: 1, BillingAccountName: ' 2025-01-01' }],
    })
  })
})

describe('what cannot be checked', () => {
  test('nothing there', async () => {
    expect(await errorOf('/no/such/lake')).toBe(
      'There is no such file or folder\n  where: file /no/such/lake\n  hint: Check the path.',
    )
  })

  test('an empty folder', async () => {
    const folder = temporaryFolder()
    expect(await errorOf(folder)).toBe(
      `The folder holds no Parquet and no CSV file\n  where: file ${folder}\n  hint: FOCUS files end in .parquet, .csv or .csv.gz.`,
    )
  })

  test('a file of another kind', async () => {
    const file = path.join(temporaryFolder(), 'bill.xlsx')
    writeFileSync(file, '')
    expect(await errorOf(file)).toBe(
      `The file is neither Parquet nor CSV\n  where: file ${file}\n  hint: FOCUS files end in .parquet, .csv or .csv.gz.`,
    )
  })

  test('a folder of both kinds', async () => {
    const folder = temporaryFolder()
    await write(path.join(folder, 'a.csv'), [conforming])
    await write(path.join(folder, 'b.parquet'), [conforming])
    expect(await errorOf(folder)).toBe(
      `The folder holds Parquet and CSV files\n  where: file ${folder}\n  hint: Name one of the files, or a folder that holds one kind.`,
    )
  })

  test('no FOCUS column', async () => {
    const file = path.join(temporaryFolder(), 'bill.csv')
    writeFileSync(file, 'billedcost,lineItem/UsageType\n1,x\n')
    expect(await errorOf(file)).toBe(
      `There is no FOCUS column\n  where: file ${file}\n  hint: FOCUS names are case-sensitive: BilledCost, not billedcost.`,
    )
    await expect(validatePath(session(), file, '1.2')).rejects.toThrow('There is no FOCUS column')
  })

  test('a file that is no Parquet', async () => {
    const file = path.join(temporaryFolder(), 'bill.parquet')
    writeFileSync(file, 'not a parquet file at all')
    const error = await errorOf(file)
    expect(error).toContain('The file cannot be read: Invalid Input Error: No magic bytes found at end of file')
    expect(error).toContain(`\n  where: file ${file}`)
  })
})

test.each(focusVersions)('the columns of FOCUS %s tell the version', (version) => {
  const names = focusSchema(version).columns.map(({ id }) => id)
  expect(versionOfColumns(names, 'a')).toBe(version)
  expect(versionOfColumns([...names, 'x_Own'], 'a')).toBe(version)
})

test('the report reads well', async () => {
  const file = path.join(temporaryFolder(), 'bill.parquet')
  const few = [
    { ...conforming, BillingCurrency: 'US$', SkuMeter: null },
    { ...conforming, BillingAccountName: null, ProviderName: 'AWS' },
  ]
  const many = `(SELECT bill.* FROM ${relationOf('1.2', [conforming])} bill, range(1998))`
  await session().run(`COPY (FROM ${many} UNION ALL FROM ${relationOf('1.2', few)}) TO '${file}' (FORMAT parquet)`)
  const report = await validatePath(session(), file, undefined)
  expect(describeReport(report)).toBe(`${file}: FOCUS 1.2 (told from its columns), 1 file

Failed
  BillingCurrency-C-006-M  MUST  BillingCurrency is the ISO 4217 code of a national currency
    1 row, 0.05% of BilledCost
    file bill.parquet, row 1999, BillingCurrency "US$"
  focal-one-billing-currency  MUST  A billing account is billed in one currency per billing period
    1,999 rows, 99.95% of BilledCost
    ProviderName "Example Cloud", BillingAccountId "000000000001", BillingPeriodStart "2025-01-01 00:00:00+00", BillingCurrency "US$", rows 1
    ProviderName "Example Cloud", BillingAccountId "000000000001", BillingPeriodStart "2025-01-01 00:00:00+00", BillingCurrency "USD", rows 1998

Should be better
  SkuMeter-C-005-C  SHOULD NOT  SkuMeter is not null where SkuId is not null
    1 row, 0.05% of BilledCost
    file bill.parquet, row 1999, SkuMeter null, SkuId "sku-1"

Known gaps
  BillingAccountName-C-003-C  MUST NOT  BillingAccountName is not null where accounts have names
    1 row, 0.05% of BilledCost
    aws-account-name-unknown, 1 row: The legacy Cost and Usage Report holds account ids only; names need the account list of the organisation.

2,000 rows, 231 rules checked, 2 failed, 1 known gap`)
  expect(reportJson(report)).toMatchObject({
    version: '1.2',
    rows: 2000,
    checked: 231,
    failed: 2,
    warned: 1,
    knownGaps: 1,
    checks: [
      { id: 'BillingCurrency-C-006-M' },
      { id: 'focal-one-billing-currency' },
      { id: 'SkuMeter-C-005-C' },
      { id: 'BillingAccountName-C-003-C' },
    ],
  })
})

test('columns that are wrong are named in one line', async () => {
  const file = path.join(temporaryFolder(), 'bill.parquet')
  const relation = `(SELECT * EXCLUDE (PublisherName) REPLACE (BilledCost::DOUBLE AS BilledCost), 1 AS Id, 2 AS Nr FROM ${relationOf('1.2', [conforming])})`
  await session().run(`COPY ${relation} TO '${file}' (FORMAT parquet)`)
  expect(describeReport(await validatePath(session(), file, '1.2'))).toBe(`${file}: FOCUS 1.2, 1 file

Failed
  focal-mandatory-columns  MUST  Every Mandatory column is there
    PublisherName
  ColumnHandling-A-010-M  MUST  A column is spelled as in FOCUS, or starts with x_
    Id, Nr

Should be better
  focal-decimal-in-double  SHOULD  A decimal is stored as DECIMAL: sums of doubles drift
    BilledCost DOUBLE

1 row, 228 rules checked, 2 failed, 0 known gaps`)
})
