import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSession } from '../../../../src/core/duckdb.ts'
import { focal } from '../../../cli/focal.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { customerAgreement, enrollment } from './bench.ts'
import { exportOf, itemsOf } from './bodies.ts'
import { hasOpenssl, startFakeAzure, type FakeAzure } from './fake-azure.ts'
import { startFakeConsumption } from './fake-consumption.ts'

type Kind = 'legacy' | 'modern'
type Metric = 'actual' | 'amortized'

/** The same charges of one month, as bodies of the API and as the text of export files. */
interface Charges {
  readonly name: string
  readonly kind: Kind
  readonly period: string
  readonly bodies: Readonly<Partial<Record<Metric, string>>>
  readonly exports: Readonly<Partial<Record<Metric, string>>>
}

const scopes: Record<Kind, string> = { legacy: enrollment, modern: customerAgreement }

/** Puts both ways of the charges behind one configuration, and runs the program on it as a user would. */
async function publish(charges: Charges) {
  const folder = temporaryFolder()
  const azure = await startFakeAzure(folder)
  onTestFinished(() => azure.close())
  await serve(azure, charges)
  mkdirSync(path.join(folder, 'exports'))
  for (const [metric, text] of Object.entries(charges.exports)) {
    writeFileSync(path.join(folder, 'exports', `${metric}.csv`), text)
  }
  const months = (new Date().getUTCFullYear() - Number(charges.period.slice(0, 4)) + 1) * 12
  const config = `
    lake: ./lake
    sources:
      - { name: api, connector: azure, scope: "${scopes[charges.kind]}", months: ${months} }
      - { name: export, connector: azure, location: ./exports }
  `
  writeFileSync(path.join(folder, 'focal.yaml'), config.replaceAll('\n    ', '\n'))
  const outcome = await focal(folder, ['run', '--period', charges.period], { env: azure.env })
  return { folder, outcome }
}

/** Two rows a page, so that even a small month has links to follow. */
async function serve(azure: FakeAzure, { kind, period, bodies }: Charges): Promise<void> {
  const fake = await startFakeConsumption({ scope: scopes[kind], kind, pageSize: 2, endpoint: azure.address })
  onTestFinished(() => fake.close())
  for (const [metric, body] of Object.entries(bodies)) fake.put(metricName(metric as Metric), period, itemsOf(body))
  azure.add(fake)
}

function metricName(metric: Metric) {
  return `${metric}cost` as const
}

/** What is published of a source, but for where it came from. */
async function rowsOf(folder: string, source: string): Promise<Record<string, unknown>[]> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    return await session.rows(
      `SELECT * EXCLUDE ("x_SourceFile") FROM read_parquet($files, hive_partitioning = false) ORDER BY ALL`,
      { files: path.join(folder, `lake/focus/*/source=${source}/*.parquet`) },
    )
  } finally {
    session.close()
  }
}

const own = path.join(import.meta.dirname, 'charges')

function ownCharges(kind: Kind): Charges {
  const read = (name: string) => readFileSync(path.join(own, kind, name), 'utf8')
  return {
    name: kind,
    kind,
    period: '2025-01',
    bodies: { actual: read('actual.body.json'), amortized: read('amortized.body.json') },
    exports: { actual: read('actual.csv'), amortized: read('amortized.csv') },
  }
}

/** Month, result, rows, BilledCost and EffectiveCost, as the program prints them of each source. */
const totals: Record<Kind, readonly string[]> = {
  legacy: ['2025-01', 'published', '6', '643.4540019692', '104.9334579692'],
  modern: ['2025-01', 'published', '6', '2.42760000000000013', '2.42760000000000013'],
}

if (!hasOpenssl()) {
  test.skipIf(process.env['CI'] !== 'true')('openssl is at hand, to speak TLS with', () => {
    expect.fail('CI requires openssl')
  })
}

describe.skipIf(!hasOpenssl())('focal run on a scope publishes the rows of the same charges in an export', () => {
  test.each(['legacy', 'modern'] as const)('%s', async (kind) => {
    const { folder, outcome } = await publish(ownCharges(kind))
    expect(outcome).toMatchObject({ code: 0, err: expect.not.stringContaining('hint:') })
    const rows = await rowsOf(folder, 'api')
    expect(rows).toHaveLength(6)
    expect(rows).toEqual(await rowsOf(folder, 'export'))
    const lines = outcome.out.split('\n').map((line) => line.split(/ {2,}/))
    expect(lines.slice(2, 4)).toEqual([
      expect.arrayContaining(['api', ...totals[kind]]),
      expect.arrayContaining(['export', ...totals[kind]]),
    ])
  })
})

const samples = path.resolve(import.meta.dirname, '../../../../../shared/samples/azure/usagedetails_rest')
const periods: Readonly<Record<string, string>> = {
  'UsageDetailsExpand.body.json': '2019-03',
  'UsageDetailsListByMetricActualCost.body.json': '2019-04',
  'UsageDetailsListByMCABillingAccount.body.json': '2019-10',
}

describe.skipIf(!hasOpenssl() || !existsSync(samples))(
  "Microsoft's own examples of answers, published likewise",
  () => {
    test.each(existsSync(samples) ? readdirSync(samples) : [])('%s', async (name) => {
      const body = readFileSync(path.join(samples, name), 'utf8')
      const kind = body.includes('"modern"') ? 'modern' : 'legacy'
      // They show a benefit on a row that cost something, which only amortized cost does.
      const { folder, outcome } = await publish({
        name,
        kind,
        period: periods[name] ?? '',
        bodies: { amortized: body },
        exports: { amortized: exportOf(body) },
      })
      expect(outcome).toMatchObject({ code: 0, err: expect.not.stringContaining('hint:') })
      const rows = await rowsOf(folder, 'api')
      expect(rows).toHaveLength(1)
      expect(rows).toEqual(await rowsOf(folder, 'export'))
    })
  },
)
