import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  extensionColumns,
  focusSchema,
  focusVersions,
  lakeColumns,
  parseFocusVersion,
  readSchemaFile,
  type FocusVersion,
} from '../../src/core/focus.ts'

const sizes = (version: FocusVersion) =>
  Object.fromEntries(Object.entries(focusSchema(version).datasets).map(([name, columns]) => [name, columns.length]))

const ids = (version: FocusVersion) => focusSchema(version).columns.map(({ id }) => id)

const column = z.strictObject({
  id: z.string().regex(/^[A-Z][A-Za-z]+$/),
  type: z.enum(['string', 'decimal', 'datetime', 'json']),
  format: z.enum(['key-value', 'object']).optional(),
  level: z.enum(['Mandatory', 'Conditional', 'Recommended']),
  presence: z.string().optional(),
  nullable: z.boolean(),
  allowedValues: z.array(z.string()).optional(),
  parents: z.strictObject({ column: z.string(), of: z.record(z.string(), z.string()) }).optional(),
  introduced: z.string(),
  deprecated: z.enum(focusVersions).optional(),
  removed: z.enum(focusVersions).optional(),
  requirements: z.array(z.string()),
})

const schemaFile = z.strictObject({
  version: z.enum(focusVersions),
  source: z.string(),
  dataset: z.literal('CostAndUsage'),
  columns: z.array(column),
  datasets: z.record(z.string(), z.array(column)),
})

test.each(focusVersions)('the file of FOCUS %s has the shape that the types promise', (version) => {
  expect(schemaFile.parse(readSchemaFile(`${version}.json`)).version).toBe(version)
})

test.each([
  ['1.0', 43, 21, 20, 2],
  ['1.1', 50, 21, 26, 3],
  ['1.2', 57, 21, 32, 4],
  ['1.3', 65, 23, 37, 5],
  ['1.4', 65, 21, 40, 4],
] as const)(
  'FOCUS %s has %i columns: %i Mandatory, %i Conditional, %i Recommended',
  (version, all, mandatory, conditional, recommended) => {
    const { columns } = focusSchema(version)
    const count = (level: string) => columns.filter((one) => one.level === level).length
    expect(new Set(columns.map(({ id }) => id)).size).toBe(all)
    expect([count('Mandatory'), count('Conditional'), count('Recommended')]).toEqual([
      mandatory,
      conditional,
      recommended,
    ])
  },
)

test('the other datasets of 1.3 and 1.4 are kept', () => {
  expect(sizes('1.2')).toEqual({})
  expect(sizes('1.3')).toEqual({ ContractCommitment: 13 })
  expect(sizes('1.4')).toEqual({ BillingPeriod: 6, ContractCommitment: 30, InvoiceDetail: 22 })
})

test('1.4 drops the columns that 1.3 deprecates, and each version keeps the others of the one before', () => {
  const deprecated = focusSchema('1.3').columns.filter((one) => one.deprecated === '1.3' && one.removed === '1.4')
  expect(deprecated.map(({ id }) => id)).toEqual(['ProviderName', 'PublisherName'])
  const lost = focusVersions.slice(1).map((version, index) => {
    const before = focusVersions[index] ?? version
    return ids(before).filter((id) => !ids(version).includes(id))
  })
  expect(lost).toEqual([[], [], [], ['ProviderName', 'PublisherName']])
})

test.each(['1.1', '1.2', '1.3', '1.4'] as const)(
  'each ServiceSubcategory of %s has one parent that is a ServiceCategory',
  (version) => {
    const { columns } = focusSchema(version)
    const subcategory = columns.find(({ id }) => id === 'ServiceSubcategory')
    const categories = columns.find(({ id }) => id === 'ServiceCategory')?.allowedValues
    const parents = subcategory?.parents?.of ?? {}
    expect(Object.keys(parents)).toHaveLength(82)
    expect(subcategory?.allowedValues).toEqual(Object.keys(parents))
    expect(new Set(Object.values(parents))).toEqual(new Set(categories))
    for (const category of categories ?? []) expect(parents[`Other (${category})`]).toBe(category)
    expect([
      parents['Virtual Machines'],
      parents['Data Warehouses'],
      parents['Observability'],
      parents['Secret Management'],
    ]).toEqual(['Compute', 'Databases', 'Management and Governance', 'Security'])
  },
)

test('a lake partition holds the FOCUS columns in order, then the x_ columns', () => {
  const columns = lakeColumns('1.2')
  expect(columns.slice(0, 7)).toEqual([
    { name: 'AvailabilityZone', type: 'VARCHAR' },
    { name: 'BilledCost', type: 'DECIMAL(38,18)' },
    { name: 'BillingAccountId', type: 'VARCHAR' },
    { name: 'BillingAccountName', type: 'VARCHAR' },
    { name: 'BillingAccountType', type: 'VARCHAR' },
    { name: 'BillingCurrency', type: 'VARCHAR' },
    { name: 'BillingPeriodEnd', type: 'TIMESTAMP WITH TIME ZONE' },
  ])
  expect(columns[56]).toEqual({ name: 'Tags', type: 'VARCHAR' })
  expect(columns.slice(57).map(({ name }) => name)).toEqual(extensionColumns().map(({ id }) => id))
})

test('the x_ columns are listed once, each with a description', () => {
  const shape = z.strictObject({
    id: z.string().startsWith('x_'),
    type: z.enum(['string', 'json']),
    description: z.string().min(20),
  })
  const columns = z.array(shape).parse(extensionColumns())
  expect(new Set(columns.map(({ id }) => id)).size).toBe(columns.length)
  expect(
    lakeColumns('1.2')
      .slice(57)
      .every(({ type }) => type === 'VARCHAR'),
  ).toBe(true)
})

test('an unknown version is refused with the known ones', () => {
  expect(parseFocusVersion('1.2')).toBe('1.2')
  expect(() => parseFocusVersion('2.0')).toThrow(
    expect.objectContaining({
      name: 'UserError',
      message: 'FOCUS 2.0 is not a version that focal knows',
      hint: 'Use one of 1.0, 1.1, 1.2, 1.3, 1.4.',
    }),
  )
})
