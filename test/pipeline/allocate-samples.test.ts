import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../src/core/duckdb.ts'
import { testLake } from '../cases/lake.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** Public bills, where this machine has them. Every charge of them is allocated, most by two splits. */
const samples = path.resolve(import.meta.dirname, '../../../shared/samples')

const rules = `
version: 1
targets: [{ id: a }, { id: b }, { id: c }]
pools:
  rest: { owner: c }
  shared: { owner: c }
assign:
  - { id: storage, when: ServiceCategory = 'Storage', to: { target: a } }
  - { id: compute, when: ServiceCategory = 'Compute' AND ChargeCategory = 'Usage', to: { pool: shared } }
  - { id: databases, when: ServiceCategory = 'Databases', to: { target: b } }
default: { pool: rest }
split:
  - { id: thirds, pool: shared, by: { fixed: { a: 33.3, b: 33.3, rest: 33.3 } } }
  - { id: by-cost, pool: rest, by: { cost: EffectiveCost, basis: direct+prior, over: [a, b, c] }, onZeroWeight: even }
`

const bills = [
  ['aws', 'aws/cur1_parquet_walabs'],
  ['aws', 'aws/cur_keboola_mock/cur_2_0'],
  ['azure', 'azure/nise'],
  ['gcp', 'gcp/nise'],
] as const

describe.skipIf(!existsSync(samples))('public bills', () => {
  test.each(bills)(
    'of %s in %s: allocated is what FOCUS says, by month and currency, in every cost and quantity',
    async (connector, location) => {
      const folder = temporaryFolder()
      const file = path.join(folder, 'allocation.yaml')
      writeFileSync(file, rules)
      const lake = testLake(folder)
      const source = { name: 'sample', connector, options: { location: path.join(samples, location) } }
      const { record } = await lake.run([source], { periods: { from: '2018-12', to: '2099-12' } }, { allocation: file })
      expect(record.allocation?.months.map(({ result }) => result)).toEqual(record.units.map(() => 'allocated'))
      expect(record.units.length).toBeGreaterThan(0)
      const session = await openSession({ memoryLimit: '1GB', threads: 1, tempDirectory: path.join(folder, 'spill') })
      try {
        const sums = (dataset: string) =>
          session.rows(`SELECT billing_period, BillingCurrency, sum(BilledCost), sum(EffectiveCost), sum(ListCost),
            sum(ContractedCost), sum(ConsumedQuantity), sum(PricingQuantity)
          FROM read_parquet('${path.join(lake.config.lake, dataset)}/**/*.parquet', hive_partitioning = true)
          GROUP BY ALL ORDER BY ALL`)
        expect(await sums('allocated')).toEqual(await sums('focus'))
      } finally {
        session.close()
      }
    },
    120_000,
  )
})
