import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { azure } from '../../../../src/connectors/azure/index.ts'
import type { BillingSource } from '../../../../src/connectors/connector.ts'
import { describeError } from '../../../../src/core/errors.ts'

const header = 'BillingPeriodStartDate,BillingPeriodEndDate,Date,ChargeType,PricingModel,Cost'
const charge = (cost: string) => `${header}\n01/01/2025,01/31/2025,01/02/2025,Usage,OnDemand,${cost}\n`

function manifest(type: string, runId: string, submitted: string, blobs: readonly string[], more = {}): string {
  return JSON.stringify({
    exportConfig: { type, resourceId: '/subscriptions/s-1/providers/Microsoft.CostManagement/exports/daily', ...more },
    runInfo: { runId, submittedTime: submitted },
    blobs: blobs.map((blobName) => ({ blobName })),
  })
}

function place(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'focal-location-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, 'exports', name)), { recursive: true })
    writeFileSync(path.join(folder, 'exports', name), text)
  }
  return folder
}

async function open(folder: string, notice?: (line: string) => void): Promise<BillingSource> {
  return azure.open(
    { location: './exports', months: 3 },
    { baseDirectory: folder, cacheDirectory: path.join(folder, 'cache'), env: {}, notice },
  )
}

const month = '20250101-20250131'

/** One run with one file. */
function run(
  exportName: string,
  range: string,
  id: string,
  type: string,
  submitted = '2025-02-01T06:00:00Z',
  time = '',
) {
  const folder = `${exportName}/${range}/${time}${id}/`
  return {
    [`${folder}part_0.csv`]: charge(id),
    [`${folder}manifest.json`]: manifest(type, id, submitted, [`x/${folder}part_0.csv`]),
  }
}

describe('Cost Management exports', () => {
  test('actual and amortized cost of a month are one delivery, with their manifests', async () => {
    const source = await open(
      place({ ...run('a/actual', month, 'r-1', 'ActualCost'), ...run('a/amortized', month, 'r-2', 'AmortizedCost') }),
    )
    expect(await source.periods()).toEqual(['2025-01'])
    const delivery = await source.delivery('2025-01')
    expect({ id: delivery.id, layout: delivery.layout, files: delivery.files.map(({ key }) => key) }).toEqual({
      id: 'r-1+r-2',
      layout: 'Cost Management export, ActualCost + AmortizedCost, csv',
      files: [
        `a/actual/${month}/r-1/part_0.csv`,
        `a/amortized/${month}/r-2/part_0.csv`,
        `a/actual/${month}/r-1/manifest.json`,
        `a/amortized/${month}/r-2/manifest.json`,
      ],
    })
  })

  test('the newest run by its time, or by its manifest, counts; one that is not all there does not', async () => {
    const timed = await open(
      place({
        ...run('daily', month, 'r-9', 'ActualCost', '2025-01-02T06:00:00Z', '202501020600/'),
        ...run('daily', month, 'r-1', 'ActualCost', '2025-01-03T06:00:00Z', '202501030600/'),
        [`daily/${month}/202501040600/r-0/part_0.csv`]: charge('9'),
      }),
    )
    expect((await timed.delivery('2025-01')).id).toBe('r-1')
    const untimed = await open(
      place({
        ...run('daily', month, 'r-9', 'ActualCost', '2025-01-02T06:00:00Z'),
        ...run('daily', month, 'r-1', 'ActualCost', '2025-01-03T06:00:00Z'),
      }),
    )
    expect((await untimed.delivery('2025-01')).id).toBe('r-1')
  })

  test('an export of before 2023 has one csv and no manifest', async () => {
    const source = await open(place({ [`daily/${month}/daily_2f1c.csv`]: charge('1') }))
    expect((await source.delivery('2025-01')).files.map(({ key }) => key)).toEqual([`daily/${month}/daily_2f1c.csv`])
  })

  test('a price sheet comes along, recommendations do not', async () => {
    const source = await open(
      place({
        ...run('actual', month, 'r-1', 'ActualCost'),
        ...run('prices', month, 'r-2', 'PriceSheet'),
        ...run('advice', month, 'r-3', 'ReservationRecommendations'),
      }),
    )
    expect((await source.delivery('2025-01')).id).toBe('r-1+r-2')
  })

  test('a month that one of the two lacks waits, unless that export was set up later', async () => {
    const source = await open(
      place({
        ...run('actual', '20241101-20241130', 'r-1', 'ActualCost'),
        ...run('actual', '20241201-20241231', 'r-2', 'ActualCost'),
        ...run('actual', month, 'r-3', 'ActualCost'),
        ...run('amortized', '20241201-20241231', 'r-4', 'AmortizedCost'),
      }),
    )
    expect(await source.periods()).toEqual(['2024-11', '2024-12', '2025-01'])
    expect((await source.delivery('2024-11')).id).toBe('r-1')
    expect((await source.delivery('2024-12')).id).toBe('r-2+r-4')
    expect((await source.delivery('2025-01')).waiting).toBe(
      'not complete: the AmortizedCost export in amortized/ has nothing for 2025-01 yet',
    )
  })

  test('a file shorter than its manifest says is still on its way', async () => {
    const folder = `daily/${month}/r-1/`
    const text = JSON.stringify({
      exportConfig: { type: 'ActualCost' },
      blobs: [{ blobName: 'x/part_0.csv', byteCount: 5000 }],
    })
    const source = await open(place({ [`${folder}part_0.csv`]: charge('1'), [`${folder}manifest.json`]: text }))
    expect((await source.delivery('2025-01')).waiting).toBe(
      `not complete: ${folder}part_0.csv has ${charge('1').length} of 5000 bytes`,
    )
  })

  test('the same charges as FOCUS and as cost are refused', async () => {
    const source = await open(
      place({ ...run('actual', month, 'r-1', 'ActualCost'), ...run('focus', month, 'r-2', 'FocusCost') }),
    )
    await expect(source.periods().catch((error: unknown) => describeError(error))).resolves.toBe(
      './exports holds the same charges twice, as FOCUS and as cost: actual/ and focus/\n  hint: Point the location at one of these folders.',
    )
  })

  test('a folder of other dates than one month is passed over, where the month has its own', async () => {
    const notices: string[] = []
    const source = await open(
      place({
        ...run('daily', month, 'r-1', 'ActualCost'),
        ...run('daily', '20250110-20250120', 'r-2', 'ActualCost', '2025-03-01T06:00:00Z'),
      }),
      (line) => notices.push(line),
    )
    expect(await source.periods()).toEqual(['2025-01'])
    expect((await source.delivery('2025-01')).id).toBe('r-1')
    expect(notices).toEqual(['daily/20250110-20250120/ is passed over: its dates are not those of one calendar month'])
  })

  test('months that are only in such folders are refused, and no others', async () => {
    const source = await open(
      place({
        ...run('daily', month, 'r-1', 'ActualCost'),
        ...run('daily', '20241115-20250114', 'r-2', 'ActualCost'),
        ...run('daily', '20241201-20241207', 'r-3', 'ActualCost'),
      }),
    )
    expect(await source.periods()).toEqual(['2024-11', '2024-12', '2025-01'])
    expect((await source.delivery('2025-01')).id).toBe('r-1')
    await expect(source.delivery('2024-12').catch((error: unknown) => describeError(error))).resolves.toBe(
      [
        '2024-12 is only in folders that are not of this one month: daily/20241115-20250114/, daily/20241201-20241207/',
        '  where: file daily/20241115-20250114/',
        '  hint: A delivery is a whole calendar month. Run the export again in Cost Management ("Export selected dates") from 2024-12-01 to 2024-12-31, or let it run on month-to-date or last month\'s costs.',
      ].join('\n'),
    )
  })

  test('the fingerprint is of the runs and their files', async () => {
    const folder = place(run('daily', month, 'r-1', 'ActualCost'))
    const first = await (await open(folder)).delivery('2025-01')
    expect((await (await open(folder)).delivery('2025-01')).fingerprint).toBe(first.fingerprint)
    writeFileSync(path.join(folder, 'exports', `daily/${month}/r-1/part_0.csv`), charge('2'))
    expect((await (await open(folder)).delivery('2025-01')).fingerprint).not.toBe(first.fingerprint)
  })

  test('a file that changes after it was listed is not read', async () => {
    const folder = place(run('daily', month, 'r-1', 'ActualCost'))
    const source = await open(folder)
    const delivery = await source.delivery('2025-01')
    const file = path.join(folder, 'exports', `daily/${month}/r-1/part_0.csv`)
    writeFileSync(file, `${charge('1')}01/01/2025,01/31/2025,01/03/2025,Usage,OnDemand,1\n`)
    await expect(source.fetch(delivery).catch((error: unknown) => describeError(error))).resolves.toBe(
      [
        `${file} changed while it was being read`,
        `  where: file ${file}`,
        '  hint: Something is still writing to it; the next run reads it once that is done.',
      ].join('\n'),
    )
  })
})

describe('files without manifests', () => {
  const bought = `${header}\n01/01/2025,01/31/2025,01/02/2025,Purchase,Reservation,10\n`
  const unused = `${header}\n12/01/2024,12/31/2024,12/02/2024,UnusedReservation,Reservation,10\n`

  test('each is of the month that its rows say; header-only files are of none', async () => {
    const source = await open(place({ 'a.csv': charge('1'), 'old/b.csv': unused, 'empty.csv': `${header}\n` }))
    expect(await source.periods()).toEqual(['2024-12', '2025-01'])
    expect((await source.delivery('2024-12')).files.map(({ key }) => key)).toEqual(['old/b.csv'])
  })

  test('nothing but header-only files is a location without a month', async () => {
    const source = await open(place({ 'empty.csv': `\uFEFF${header}\n` }))
    expect(await source.periods()).toEqual([])
  })

  test('datasets of different months: the month that lacks one waits', async () => {
    const source = await open(place({ 'january.csv': bought, 'december.csv': unused }))
    expect((await source.delivery('2025-01')).waiting).toBe(
      'not complete: 2025-01 has a file of actual cost but none of amortized cost yet, which 2024-12 has',
    )
    expect((await source.delivery('2024-12')).waiting).toBeUndefined()
  })
})

test.each([
  [{ months: 3 }, 'the source names no export'],
  [{ months: 3, location: './exports', scope: 'subscriptions/s-1' }, 'the source names two exports'],
])('%o', async (options, what) => {
  const context = { baseDirectory: '/', cacheDirectory: '/tmp', env: {} }
  await expect(azure.open(options, context)).rejects.toThrow(what)
})
