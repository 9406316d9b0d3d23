import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { costColumns, readHeaders } from '../../../src/transforms/azure/columns.ts'
import { prepared, problemsOf, written } from './delivery.ts'

const list = path.resolve(import.meta.dirname, '../../../../shared/sources/azure-export-columns.csv')

/** The column names of each dataset version that Microsoft publishes. */
function datasets(): [string, string[]][] {
  const versions = new Map<string, string[]>()
  for (const line of readFileSync(list, 'utf8').trim().split('\n').slice(1)) {
    const [version = '', column = ''] = line.split(',')
    versions.set(version, [...(versions.get(version) ?? []), column])
  }
  return [...versions]
}

describe.skipIf(!existsSync(list))('every dataset version of Cost Management exports is read', () => {
  test.each(existsSync(list) ? datasets() : [])('%s', async (_version, columns) => {
    const session = await prepared('2025-01', written({ 'part_0.csv': `${columns.join(',')}\n` }))
    expect(await problemsOf(session)).toEqual([])
    expect(await session.rows('SELECT count(*) AS rows FROM focus')).toEqual([{ rows: '0' }])
  })
})

test.each([
  ['CostInBillingCurrency', 'cost'],
  ['costinbillingcurrency', 'cost'],
  ['PreTaxCost', 'cost'],
  ['UsageDateTime', 'usage_date'],
  ['Meter Sub-Category', 'meter_subcategory'],
  ['benefitId', 'benefit_id'],
  ['Kosten (Cost)', 'cost'],
  ['Ressourcen-ID (ResourceId)', 'resource_id'],
  ['Cost (Kosten)', 'cost'],
  ['SomethingNew', 'unused_0'],
])('the header %s is %s', (header, name) => {
  expect(readHeaders([header], costColumns, 'x.csv').map((column) => column.name)).toEqual([name])
})

test.each(['Kosten (Preis)', 'Währung'])('the header %s is of a language that is not known', (header) => {
  expect(() => readHeaders([header], costColumns, 'x.csv')).toThrow('a column name in another language is not known')
})
