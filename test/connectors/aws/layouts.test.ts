import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { aws } from '../../../src/connectors/aws/index.ts'
import type { BillingSource, Delivery } from '../../../src/connectors/connector.ts'
import { openSession, quoteText } from '../../../src/core/duckdb.ts'
import { describeError } from '../../../src/core/errors.ts'
import { workspace } from '../../cases/refusal.ts'

/** Where AWS puts each kind of export, and which files of it are the bill. */

type Files = Readonly<Record<string, string | object>>

/** Writes files (objects as JSON) into a bucket of the test's own, and opens it as a source. */
async function bucket(files: Files, location = '.'): Promise<{ folder: string; open: () => Promise<BillingSource> }> {
  const { folder } = workspace()
  for (const [key, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, 'bucket', key)), { recursive: true })
    writeFileSync(path.join(folder, 'bucket', key), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const context = { cacheDirectory: path.join(folder, 'cache'), baseDirectory: path.join(folder, 'bucket'), env: {} }
  return { folder, open: () => aws.open({ location }, context) }
}

function about({ id, layout, files, waiting, columns }: Delivery) {
  return { id, layout, files: files.map(({ key }) => key), ...(waiting && { waiting }), ...(columns && { columns }) }
}

const month = 'cur/acme/20250101-20250201'
const bill = (period: string) => `bill/BillingPeriodStartDate\n${period}-01T00:00:00Z\n`

describe('legacy report', () => {
  const versions = {
    [`${month}/old/acme-00001.csv.gz`]: 'of an earlier assembly',
    [`${month}/old/acme-Manifest.json`]: { assemblyId: 'old', reportKeys: [`${month}/old/acme-00001.csv.gz`] },
    [`${month}/new/acme-00001.csv.gz`]: '1',
    [`${month}/new/acme-00002.csv.gz`]: '2',
    [`${month}/new/acme-00003.csv.gz`]: 'not in the manifest',
    [`${month}/acme-Manifest.json`]: {
      assemblyId: 'new',
      reportKeys: [`/${month}/new/acme-00001.csv.gz`, `${month}/new/acme-00002.csv.gz`],
      columns: [
        { category: 'lineItem', name: 'UnblendedCost' },
        { category: 'bill', name: 'InvoiceId', type: 'String' },
      ],
    },
    [`${month}/acme-RedshiftManifest.json`]: {},
    'cur/acme/20241201-20250101/acme-Manifest.json': { assemblyId: 'december', reportKeys: [] },
  }
  const files = [`${month}/new/acme-00001.csv.gz`, `${month}/new/acme-00002.csv.gz`]
  const columns = ['lineItem/UnblendedCost', 'bill/InvoiceId']
  const layout = 'legacy CUR, csv.gz, create new version'

  test('that creates new versions: the manifest of the month names the files', async () => {
    const source = await (await bucket(versions)).open()
    expect(await source.periods()).toEqual(['2024-12', '2025-01'])
    expect(about(await source.delivery('2025-01'))).toEqual({ id: 'new', layout, files, columns })
    expect(about(await source.delivery('2024-12'))).toEqual({
      id: 'december',
      layout: 'legacy CUR, , overwrite',
      files: [],
      waiting: 'not complete: the manifest names no files',
    })
    expect(about(await source.delivery('2025-02')).waiting).toBe('not complete: no folder for 2025-02 yet')
  })

  test.each(['cur', 'cur/acme'])('is found from any folder above it: %s', async (location) => {
    const source = await (await bucket(versions, location)).open()
    const relative = files.map((key) => key.slice(location.length + 1))
    expect(about(await source.delivery('2025-01'))).toEqual({ id: 'new', layout, files: relative, columns })
  })

  test('that overwrites', async () => {
    const { open } = await bucket({
      [`${month}/acme-00001.csv.zip`]: '1',
      [`${month}/acme-Manifest.json`]: { assemblyId: 'a7', reportKeys: [`${month}/acme-00001.csv.zip`] },
    })
    expect(about(await (await open()).delivery('2025-01'))).toEqual({
      id: 'a7',
      layout: 'legacy CUR, csv.zip, overwrite',
      files: [`${month}/acme-00001.csv.zip`],
    })
  })

  test('in Parquet, whose files lie beside the months of the manifests', async () => {
    const key = 'cur/acme/acme/year=2025/month=1/acme-00001.snappy.parquet'
    const { open } = await bucket({
      [key]: '1',
      [`${month}/acme-Manifest.json`]: { assemblyId: 'a7', reportKeys: [key] },
    })
    const layoutOfParquet = 'legacy CUR, parquet, overwrite'
    expect(about(await (await open()).delivery('2025-01'))).toEqual({ id: 'a7', layout: layoutOfParquet, files: [key] })
  })

  test('a new delivery has another fingerprint, the same one has the same', async () => {
    const { folder, open } = await bucket(versions)
    const print = async () => (await (await open()).delivery('2025-01')).fingerprint
    const first = await print()
    expect(await print()).toBe(first)
    writeFileSync(path.join(folder, 'bucket', `${month}/new/acme-00002.csv.gz`), 'restated')
    const restated = await print()
    expect(restated).not.toBe(first)
    writeFileSync(path.join(folder, 'bucket', `${month}/new/acme-00003.csv.gz`), 'still not in the manifest')
    expect(await print()).toBe(restated)
  })
})

describe('Athena layout without manifests', () => {
  const key = 'acme/year=2025/month=1/acme-00001.snappy.parquet'
  const files = { [key]: '1', 'acme/year=2024/month=12/acme-00001.snappy.parquet': '12' }

  async function withStatus(status: string): Promise<BillingSource> {
    const { folder, open } = await bucket({ ...files, 'acme/cost_and_usage_data_status/x': '' })
    const target = path.join(folder, 'bucket/acme/cost_and_usage_data_status/status.parquet')
    const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
    await session.run(`COPY (SELECT ${quoteText(status)} AS status) TO ${quoteText(target)} (FORMAT parquet)`)
    session.close()
    return open()
  }

  test('READY: the files of the month', async () => {
    const source = await withStatus('READY')
    expect(await source.periods()).toEqual(['2024-12', '2025-01'])
    const delivery = await source.delivery('2025-01')
    expect(about(delivery)).toEqual({
      id: delivery.fingerprint.slice(0, 12),
      layout: 'legacy CUR, parquet, Athena layout',
      files: [key],
    })
  })

  test('UPDATING: waits', async () => {
    const delivery = await (await withStatus('UPDATING')).delivery('2025-01')
    expect(delivery.waiting).toBe('not complete: AWS says the report is UPDATING')
    expect(delivery.files).toEqual([])
  })

  test('no status at all: the files are taken as they are', async () => {
    const { open } = await bucket(files)
    expect((await (await open()).delivery('2025-01')).files.map((file) => file.key)).toEqual([key])
  })
})

/** Names files by their address in AWS's bucket, of which the location shows a part. */
const manifest = (executionId: string, key: string) => ({ executionId, dataFiles: [`s3://acme/prefix/${key}`] })

const data = 'exports/cur2/data/BILLING_PERIOD=2025-01'
const metadata = 'exports/cur2/metadata/BILLING_PERIOD=2025-01'
const dataFile = (execution = '') => `${data}/${execution}/cur2-00001.snappy.parquet`

describe('Data Export', () => {
  test('that overwrites', async () => {
    const { open } = await bucket({
      [`${data}/cur2-00001.csv.gz`]: '1',
      [`${data}/cur2-00002.csv.gz`]: 'not in the manifest',
      [`${metadata}/cur2-Manifest.json`]: manifest('e1', `${data}/cur2-00001.csv.gz`),
    })
    const source = await open()
    expect(await source.periods()).toEqual(['2025-01'])
    expect(about(await source.delivery('2025-01'))).toEqual({
      id: 'e1',
      layout: 'Data Export, csv.gz, overwrite',
      files: [`${data}/cur2-00001.csv.gz`],
    })
  })

  test('that creates new versions: the newest execution with a manifest wins', async () => {
    const [first, second, third] = ['20250110T000000Z-e1', '20250120T000000Z-e2', '20250121T000000Z-e3']
    const { folder, open } = await bucket({
      [dataFile(first)]: '1',
      [`${metadata}/${first}/cur2-Manifest.json`]: manifest('e1', dataFile(first)),
      [dataFile(second)]: '2',
      [`${metadata}/${second}/cur2-Manifest.json`]: manifest('e2', dataFile(second)),
      [dataFile(third)]: 'of an execution under way: its manifest comes last',
      [`${metadata}/${third}/note.txt`]: '',
    })
    const layout = 'Data Export, parquet, create new version'
    expect(about(await (await open()).delivery('2025-01'))).toEqual({ id: 'e2', layout, files: [dataFile(second)] })
    const late = path.join(folder, 'bucket', metadata, third ?? '', 'cur2-Manifest.json')
    writeFileSync(late, JSON.stringify(manifest('e3', dataFile(third))))
    expect(about(await (await open()).delivery('2025-01'))).toEqual({ id: 'e3', layout, files: [dataFile(third)] })
  })

  test('of FOCUS, whose partitions are in lower case', async () => {
    const key = 'focus/data/billing_period=2025-01/focus-00001.snappy.parquet'
    const { open } = await bucket({
      [key]: '1',
      'focus/metadata/billing_period=2025-01/focus-Manifest.json': manifest('e1', key),
    })
    expect((await (await open()).delivery('2025-01')).files.map((file) => file.key)).toEqual([key])
  })

  test('whose data is there before its manifest: waits', async () => {
    const { open } = await bucket({
      [`${data}/cur2-00001.csv.gz`]: '1',
      'exports/cur2/metadata/BILLING_PERIOD=2024-12/cur2-Manifest.json': manifest('e0', 'gone.csv.gz'),
    })
    const source = await open()
    expect(await source.periods()).toEqual(['2024-12', '2025-01'])
    const waiting = async (period: string) => (await source.delivery(period)).waiting
    expect(await waiting('2025-01')).toBe('not complete: no manifest for 2025-01 in exports/cur2/metadata/ yet')
    expect(await waiting('2024-12')).toBe(
      'not complete: 1 of 1 files of the manifest are not there yet, first prefix/gone.csv.gz',
    )
  })
})

describe('files with no manifest', () => {
  test('are told apart by their first row; hidden and other files are not looked at', async () => {
    const { open } = await bucket({
      'a.csv': bill('2025-01'),
      'b.csv': bill('2024-12'),
      'c.csv': `${bill('2025-01')}\n`,
      '.hidden.csv': 'x',
      '_temporary.csv': 'x',
      'readme.md': 'x',
    })
    const source = await open()
    expect(await source.periods()).toEqual(['2024-12', '2025-01'])
    const delivery = await source.delivery('2025-01')
    expect(about(delivery)).toEqual({
      id: delivery.fingerprint.slice(0, 12),
      layout: 'plain files, csv',
      files: ['a.csv', 'c.csv'],
    })
  })

  test('a file beside its packed self is refused: its rows would be counted twice', async () => {
    const { folder, open } = await bucket({ 'a.csv': bill('2025-01') })
    writeFileSync(path.join(folder, 'bucket/a.csv.gz'), gzipSync(bill('2025-01')))
    const source = await open()
    const error = await source.delivery('2025-01').catch(describeError)
    expect(error).toBe(
      `two files of one billing period differ only in how they are packed: a.csv and a.csv.gz
  where: file a.csv.gz
  hint: Remove the copy: its rows would be counted twice.`,
    )
  })

  test('one file may be the location itself', async () => {
    const { open } = await bucket({ 'a.csv': bill('2025-01') }, 'a.csv')
    expect((await (await open()).delivery('2025-01')).files.map((file) => file.key)).toEqual(['a.csv'])
  })
})
