import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { loadCase, placeInput } from '../../cases/case.ts'
import { plainCase, workspace } from '../../cases/refusal.ts'

const source = { name: 'bill', connector: 'aws', options: { location: './bill' } }
const monday = new Date('2025-03-03T00:00:00Z')

/**
 * The data file's bytes are overwritten with garbage of the same length, in the same inode, with the same times:
 * whoever opens it now fails or sees another hash. Only a run that does not look into it can call it up to date.
 */
test('a second run opens no data file', async () => {
  const { folder, lake } = workspace()
  await placeInput(loadCase('aws', plainCase), path.join(folder, 'bill'))
  const file = path.join(folder, 'bill/acme-cur-00001.csv')
  utimesSync(file, monday, monday)
  await lake.run([source])
  const published = lake.published()

  const { ino, size } = statSync(file)
  writeFileSync(file, 'x'.repeat(size))
  utimesSync(file, monday, monday)
  expect(statSync(file).ino).toBe(ino)
  const again = await lake.run([source])
  expect(again.troubles).toEqual([])
  const [unit] = await lake.units()
  expect(again.record.units).toEqual([
    { source: 'bill', period: '2025-01', result: 'up to date', detail: `delivery ${unit?.delivery.id}, version 1` },
  ])
  expect(lake.published()).toEqual(published)

  // The control: as soon as the file looks changed it is opened, and the garbage told.
  utimesSync(file, new Date('2025-03-04T00:00:00Z'), new Date('2025-03-04T00:00:00Z'))
  const { troubles, exitCode } = await lake.run([source])
  expect(troubles).toEqual([
    `the file has no column that says its billing period
  where: bill, file acme-cur-00001.csv, column bill_billing_period_start_date
  hint: Is this a Cost and Usage Report? Move other files out of the folder.`,
  ])
  expect(exitCode).toBe(1)
  expect(lake.published()).toEqual(published)
})

test('the newest periods are looked at, or those asked for; others stay', async () => {
  const { folder, lake } = workspace()
  await placeInput(loadCase('aws', plainCase), path.join(folder, 'bill'))
  const january = path.join(folder, 'bill/acme-cur-00001.csv')
  const text = readFileSync(january, 'utf8')
  const following: Record<string, string> = { '2024-12': '2025-01', '2024-11': '2024-12', '2024-10': '2024-11' }
  for (const [period, next] of Object.entries(following)) {
    const moved = text
      .replaceAll('2025-01-01T00:00:00Z,2025-02-01T00:00:00Z', `${period}-01T00:00:00Z,${next}-01T00:00:00Z`)
      .replaceAll('2025-01-10', `${period}-10`)
    writeFileSync(path.join(folder, `bill/${period}.csv`), moved)
  }
  const periodsOf = async (from?: string, to = from) => {
    const request = from === undefined || to === undefined ? {} : { periods: { from, to } }
    const { record } = await lake.run([source], request, { periods: 2 })
    return record.units.map(({ period, result }) => `${period} ${result}`)
  }
  expect(await periodsOf()).toEqual(['2024-12 published', '2025-01 published'])
  expect(await periodsOf('2024-10')).toEqual(['2024-10 published'])
  expect(await periodsOf('2024-10', '2024-12')).toEqual([
    '2024-10 up to date',
    '2024-11 published',
    '2024-12 up to date',
  ])
  expect(await periodsOf()).toEqual(['2024-12 up to date', '2025-01 up to date'])
  expect([...lake.published().keys()]).toEqual(
    ['2024-10', '2024-11', '2024-12', '2025-01'].map((period) => `billing_period=${period}/source=bill/focus.parquet`),
  )
})
