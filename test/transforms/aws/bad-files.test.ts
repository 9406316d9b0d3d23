import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { loadCase, placeInput } from '../../cases/case.ts'
import { plainCase, runSpoilt, workspace } from '../../cases/refusal.ts'

/** Files that are broken as bytes. What is wrong with their text is in test/cases. */

const folder = 'acme/20250101-20250201/'
const csv = readFileSync(path.join(loadCase('aws', plainCase).folder, 'input/acme-cur-00001.csv'))
const [header = '', row = ''] = csv.toString().split('\n')
/** Long enough that the first part of it is read without a word. */
const longCsv = `${header}\n${`${row}\n`.repeat(20_000)}`

/** A report of one month whose manifest names `files`. */
function report(files: Readonly<Record<string, Uint8Array>>) {
  return (location: string) => {
    mkdirSync(path.join(location, folder), { recursive: true })
    for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(location, folder, name), bytes)
    const manifest = { assemblyId: 'a1', reportKeys: Object.keys(files).map((name) => `${folder}${name}`) }
    writeFileSync(path.join(location, folder, 'acme-Manifest.json'), JSON.stringify(manifest))
  }
}

/** One file with no manifest. */
function alone(name: string, bytes: Uint8Array) {
  return (location: string) => {
    mkdirSync(location)
    writeFileSync(path.join(location, name), bytes)
  }
}

/** A zip of stored, not compressed, entries. */
function zip(entries: Readonly<Record<string, Buffer>>): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt32LE(crc32(content), 10)
    facts.writeUInt32LE(content.length, 14)
    facts.writeUInt32LE(content.length, 18)
    facts.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), facts, Buffer.from(name), content])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    centrals.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), facts, rest, Buffer.from(name)]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(centrals.length, 8)
  end.writeUInt16LE(centrals.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

async function parquet(): Promise<Buffer> {
  const { folder: scratch } = workspace()
  const one = { ...loadCase('aws', plainCase), settings: { pack: 'parquet' } } as const
  await placeInput(one, path.join(scratch, 'in'))
  return readFileSync(path.join(scratch, 'in/acme-cur-00001.snappy.parquet'))
}

async function expectRefusal(spoil: (location: string) => void, message: string): Promise<void> {
  const { troubles, exitCode, before, after, others } = await runSpoilt('aws', spoil)
  expect(troubles).toEqual([message])
  expect(exitCode).toBe(3)
  expect(after).toEqual(before)
  expect(after.size).toBe(1)
  expect(others).toEqual(['billing_period=2025-01/source=other/focus.parquet'])
}

const again = '  hint: Download or export the file again.'
const place = (name: string, period = ', 2025-01') => `  where: bill${period}, file ${name}`

test('a gzip that was cut off', async () => {
  const packed = gzipSync(longCsv)
  await expectRefusal(
    report({ 'acme-1.csv.gz': packed.subarray(0, packed.length - 12) }),
    `the gzip file is cut off: it ends before its data does\n${place(`${folder}acme-1.csv.gz`)}\n${again}`,
  )
})

test('a gzip that was cut off at a row: DuckDB alone would read what is left as the whole bill', async () => {
  const packed = Buffer.concat([gzipSync(csv).subarray(0, -8)])
  await expectRefusal(
    report({ 'acme-1.csv.gz': packed }),
    `the gzip file is cut off: it ends before its data does\n${place(`${folder}acme-1.csv.gz`)}\n${again}`,
  )
})

test('a gzip whose checksum is wrong', async () => {
  const packed = gzipSync(csv)
  packed.writeUInt32LE(1, packed.length - 8)
  await expectRefusal(
    report({ 'acme-1.csv.gz': packed }),
    `the gzip file is damaged: incorrect data check\n${place(`${folder}acme-1.csv.gz`)}\n${again}`,
  )
})

test('a gz that is not gzip', async () => {
  const message = 'the gzip file is damaged: incorrect header check'
  await expectRefusal(report({ 'acme-1.csv.gz': csv }), `${message}\n${place(`${folder}acme-1.csv.gz`)}\n${again}`)
})

test('a gz that is not gzip, without a manifest: nobody can tell which month it belongs to', async () => {
  const message = 'the gzip file is damaged: incorrect header check'
  await expectRefusal(
    alone('acme-1.csv.gz', Buffer.from(longCsv)),
    `${message}\n${place('acme-1.csv.gz', '')}\n${again}`,
  )
})

test('a byte that is not UTF-8', async () => {
  const bad = Buffer.concat([csv, Buffer.from(row.replace('RunInstances', 'Gr\u0000e'), 'latin1'), Buffer.from('\n')])
  bad[bad.lastIndexOf(0)] = 0xf6
  await expectRefusal(
    report({ 'acme-1.csv': bad }),
    `the file is not UTF-8: byte 0xf6\n${place(`${folder}acme-1.csv`)}, line 4\n  hint: Export the file again as UTF-8, or convert it (iconv -f WINDOWS-1252 -t UTF-8).`,
  )
})

test('a zip with two entries', async () => {
  await expectRefusal(
    report({ 'acme-1.csv.zip': zip({ 'acme-1.csv': csv, 'readme.txt': Buffer.from('hello') }) }),
    `the zip holds 2 files: acme-1.csv, readme.txt\n${place(`${folder}acme-1.csv.zip`)}\n  hint: A billing export zips one csv. Unpack it and point the source at the file that is the bill.`,
  )
})

test('a zip that was cut off', async () => {
  await expectRefusal(
    report({ 'acme-1.csv.zip': zip({ 'acme-1.csv': csv }).subarray(0, -30) }),
    `the zip file is damaged: End of central directory record signature not found. Either not a zip file, or file is truncated.\n${place(`${folder}acme-1.csv.zip`)}\n${again}`,
  )
})

test('a zip with one entry is read', async () => {
  const { troubles, exitCode, after, before } = await runSpoilt(
    'aws',
    report({ 'acme-1.csv.zip': zip({ 'a.csv': csv }) }),
  )
  expect(troubles).toEqual([])
  expect(exitCode).toBe(0)
  expect(after).not.toEqual(before)
})

const damaged = `the Parquet file is cut short or damaged\n${place(`${folder}acme-1.snappy.parquet`)}\n${again}`

test.each([
  ['at its end', (bytes: Buffer) => bytes.subarray(0, -20)],
  ['in its middle', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  ['to nothing', () => Buffer.alloc(0)],
])('a Parquet file cut short %s', async (_where, cut) => {
  await expectRefusal(report({ 'acme-1.snappy.parquet': cut(await parquet()) }), damaged)
})

test('a Parquet file with damaged pages', async () => {
  const bytes = await parquet()
  bytes.fill(0xff, 4, 400)
  await expectRefusal(report({ 'acme-1.snappy.parquet': bytes }), damaged)
})

test('a Parquet file with a damaged column name', async () => {
  const bytes = await parquet()
  bytes[bytes.indexOf('product_sku') + 3] = 0
  const message = 'the file is damaged: a column name holds a zero byte'
  await expectRefusal(
    report({ 'acme-1.snappy.parquet': bytes }),
    `${message}\n${place(`${folder}acme-1.snappy.parquet`)}\n${again}`,
  )
})

test('a Parquet file cut short, without a manifest', async () => {
  const bytes = await parquet()
  const message = 'the Parquet file is cut short or damaged'
  await expectRefusal(
    alone('acme.parquet', bytes.subarray(0, -20)),
    `${message}\n${place('acme.parquet', '')}\n${again}`,
  )
})
