import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../../src/core/duckdb.ts'
import {
  duckdbType,
  focusSchema,
  focusVersions,
  lakeColumns,
  type FocusColumn,
  type FocusVersion,
} from '../../../src/core/focus.ts'
import { describeProjection, projectFocus, projectionOf } from '../../../src/transforms/projection/project.ts'
import { temporaryFolderOfFile } from '../aws/temporary-folder.ts'

const folder = temporaryFolderOfFile()

async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession({
    memoryLimit: '1GB',
    threads: 1,
    tempDirectory: path.join(folder(), 'spill'),
  })
  try {
    return await work(session)
  } finally {
    session.close()
  }
}

const ids = (version: FocusVersion) => focusSchema(version).columns.map(({ id }) => id)

/** A table of one version with the given rows; a column that a row does not name is NULL. */
async function createTable(session: Session, version: FocusVersion, rows: readonly Record<string, string>[]) {
  const columns = focusSchema(version).columns
  await session.run(
    `CREATE TABLE given (${columns.map(({ id, type }) => `${quoteIdentifier(id)} ${duckdbType(type)}`).join(', ')}, x_Own VARCHAR)`,
  )
  for (const row of rows) {
    const names = Object.keys(row).map(quoteIdentifier).join(', ')
    await session.run(`INSERT INTO given (${names}) VALUES (${Object.values(row).map(quoteText).join(', ')})`)
  }
}

describe('one version shown as another', () => {
  test('1.2 as 1.4: the provider has another name, what 1.2 does not know is null', () =>
    withSession(async (session) => {
      await createTable(session, '1.2', [
        { ProviderName: 'AWS', PublisherName: 'Red Hat', BilledCost: '0.100000000000000001', x_Own: 'a' },
      ])
      const projection = await projectFocus(session, { relation: 'given', view: 'shown', version: '1.4' })
      expect(
        await session.rows(
          'SELECT ServiceProviderName, HostProviderName, BilledCost, InvoiceDetailId, ContractApplied, x_Own FROM shown',
        ),
      ).toEqual([
        {
          ServiceProviderName: 'AWS',
          HostProviderName: 'AWS',
          BilledCost: '0.100000000000000001',
          InvoiceDetailId: null,
          ContractApplied: null,
          x_Own: 'a',
        },
      ])
      expect(describeProjection(projection)).toEqual([
        'FOCUS 1.4: filled HostProviderName from ProviderName, ServiceProviderName from ProviderName',
        'FOCUS 1.4: null, since the published rows do not tell: AllocatedMethodDetails, AllocatedMethodId, ' +
          'AllocatedResourceId, AllocatedResourceName, AllocatedTags, CommitmentProgramEligibilityDetails, ' +
          'ContractApplied, InvoiceDetailId',
        'FOCUS 1.4: left out, since the version does not have them: ProviderName, PublisherName',
      ])
    }))

  test('1.4 as 1.2: nobody knows the publisher any more', () =>
    withSession(async (session) => {
      await createTable(session, '1.4', [
        { ServiceProviderName: 'Nimbus', HostProviderName: 'AWS', BillingCurrency: 'USD', PricingCurrency: 'TOK' },
      ])
      await projectFocus(session, { relation: 'given', view: 'shown', version: '1.2' })
      expect(await session.rows('SELECT ProviderName, PublisherName, PricingCurrency FROM shown')).toEqual([
        { ProviderName: 'Nimbus', PublisherName: null, PricingCurrency: 'TOK' },
      ])
    }))

  test('1.0 as 1.2: prices of 1.0 are in the billing currency', () =>
    withSession(async (session) => {
      await createTable(session, '1.0', [{ BillingCurrency: 'EUR', ListUnitPrice: '1.5', EffectiveCost: '3' }])
      await projectFocus(session, { relation: 'given', view: 'shown', version: '1.2' })
      expect(
        await session.rows(
          'SELECT PricingCurrency, PricingCurrencyListUnitPrice, PricingCurrencyContractedUnitPrice, PricingCurrencyEffectiveCost, ServiceSubcategory FROM shown',
        ),
      ).toEqual([
        {
          PricingCurrency: 'EUR',
          PricingCurrencyListUnitPrice: '1.500000000000000000',
          PricingCurrencyContractedUnitPrice: null,
          PricingCurrencyEffectiveCost: '3.000000000000000000',
          ServiceSubcategory: null,
        },
      ])
    }))

  test('a host that the rows name stays, whoever sold the service', () =>
    withSession(async (session) => {
      await createTable(session, '1.3', [
        { ProviderName: 'Nimbus', ServiceProviderName: 'Nimbus', HostProviderName: 'GCP' },
      ])
      await projectFocus(session, { relation: 'given', view: 'shown', version: '1.4' })
      expect(await session.rows('SELECT ServiceProviderName, HostProviderName FROM shown')).toEqual([
        { ServiceProviderName: 'Nimbus', HostProviderName: 'GCP' },
      ])
    }))

  const pairs = focusVersions.flatMap((from) => focusVersions.map((to) => [from, to] as const))
  test.each(pairs)('%s as %s has the columns, order and types of the version, and says what is missing', (from, to) =>
    withSession(async (session) => {
      await createTable(session, from, [])
      const projection = await projectFocus(session, { relation: 'given', view: 'shown', version: to })
      const described = await session.rows<{ column_name: string; column_type: string }>('DESCRIBE shown')
      const own = { name: 'x_Own', type: 'VARCHAR' }
      const focus = lakeColumns(to).filter(({ name }) => !name.startsWith('x_'))
      expect(described.map(({ column_name: name, column_type: type }) => ({ name, type }))).toEqual([...focus, own])
      const has = new Set(ids(from))
      expect([...projection.unknown, ...projection.filled.map(({ column }) => column)].toSorted()).toEqual(
        ids(to)
          .filter((id) => !has.has(id))
          .toSorted(),
      )
      expect([...projection.left].toSorted()).toEqual(
        ids(from)
          .filter((id) => !ids(to).includes(id))
          .toSorted(),
      )
    }),
  )
})

test('what filled.csv lists is what projection.sql fills, for every pair of versions', async () => {
  for (const from of focusVersions) {
    for (const to of focusVersions) {
      await withSession(async (session) => {
        const every = Object.fromEntries(focusSchema(from).columns.map((column) => [column.id, sample(column, 7)]))
        await createTable(
          session,
          from,
          [{ ...every, PricingCurrency: 'USD', BillingCurrency: 'USD' }].map((row) => only(row, from)),
        )
        const { unknown } = await projectFocus(session, { relation: 'given', view: 'shown', version: to })
        const [shown = {}] = await session.rows<Record<string, string | null>>('FROM shown')
        const empty = ids(to).filter((id) => shown[id] === null)
        expect(empty.toSorted()).toEqual([...unknown].toSorted())
      })
    }
  }
})

test('there and back loses nothing that both versions have', async () => {
  const versions = fc.constantFrom(...focusVersions)
  await fc.assert(
    fc.asyncProperty(
      versions,
      versions,
      fc.array(fc.nat(999), { minLength: 1, maxLength: 3 }),
      async (from, to, seeds) => {
        const rows = seeds.map((seed) =>
          Object.fromEntries(
            focusSchema(from).columns.flatMap((column, at) =>
              (seed + at) % 5 === 0 ? [] : [[column.id, sample(column, seed)] as const],
            ),
          ),
        )
        await withSession(async (session) => {
          await createTable(session, from, rows)
          await projectFocus(session, { relation: 'given', view: 'there', version: to })
          await session.run(
            'CREATE TABLE kept AS FROM there; DROP VIEW there; DROP VIEW every_version; DROP VIEW every_column; DROP TABLE focus_columns',
          )
          await projectFocus(session, { relation: 'kept', view: 'back', version: from })
          const both = ids(from).filter((id) => ids(to).includes(id))
          // A value that was there is there again. A null may have been filled meanwhile.
          const read = (relation: string) =>
            session.rows<Record<string, string | null>>(
              `SELECT ${both.map(quoteIdentifier).join(', ')} FROM ${relation}`,
            )
          const [before, after] = [await read('given'), await read('back')]
          expect(
            after.map((row, at) =>
              Object.fromEntries(both.filter((id) => before[at]?.[id] !== null).map((id) => [id, row[id]])),
            ),
          ).toEqual(
            before.map((row) => Object.fromEntries(both.filter((id) => row[id] !== null).map((id) => [id, row[id]]))),
          )
        })
      },
    ),
    { numRuns: 12 },
  )
})

test('the same version says nothing of differences', () => {
  for (const version of focusVersions) expect(describeProjection(projectionOf(version, ids(version)))).toEqual([])
})

function only(row: Record<string, string>, version: FocusVersion): Record<string, string> {
  const has = new Set(ids(version))
  return Object.fromEntries(Object.entries(row).filter(([id]) => has.has(id)))
}

/** A value of the column's type that shows every digit. */
function sample({ id, type }: FocusColumn, seed: number): string {
  if (type === 'decimal') return `${seed}.${String(seed + id.length).padStart(18, '0')}`
  if (type === 'datetime') return `2025-01-${String((seed % 28) + 1).padStart(2, '0')}T00:00:00Z`
  if (type === 'json') return `{"a":${seed}}`
  return `${id} ${seed}`
}
