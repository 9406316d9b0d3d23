import { expect, test } from 'vitest'
import { tableOptions } from '../../../../src/connectors/gcp/bigquery/options.ts'

test('what is not said has a default', () => {
  expect(tableOptions.parse({ table: 'acme.billing.export' })).toEqual({
    table: 'acme.billing.export',
    api: 'auto',
    maxBytes: 100_000_000_000,
  })
})

test.each([
  [5, 5],
  ['1500', 1500],
  ['20GB', 20_000_000_000],
  ['1 TB', 1_000_000_000_000],
])('maxBytes %s is %d bytes', (written, bytes) => {
  expect(tableOptions.parse({ table: 'a.b.c', maxBytes: written }).maxBytes).toBe(bytes)
})

test.each(['export', 'billing.export', 'acme.billing.`x`', 'acme.billing.a b'])('%s is no table', (table) => {
  expect(tableOptions.safeParse({ table }).error?.issues.map(({ message }) => message)).toEqual([
    'expected project.dataset.table',
  ])
})

test('takes a project of an older organisation', () => {
  expect(tableOptions.parse({ table: 'example.com:acme.billing.export' }).table).toBe('example.com:acme.billing.export')
})
