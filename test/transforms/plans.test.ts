import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, quoteIdentifier, type Session } from '../../src/core/duckdb.ts'
import type { AwsLayout } from '../../src/demo/aws/layouts.ts'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'
import { writeAzureExports, type Agreement } from '../../src/demo/azure/write-exports.ts'
import { writeGcpBills } from '../../src/demo/gcp/write-bills.ts'
import { transforms } from '../../src/transforms/index.ts'
import { temporaryFolderOfFile } from './aws/temporary-folder.ts'

/**
 * How the engine means to answer, before it reads a row. A join that compares every row of one side with every row of
 * the other makes a bill twice as large take four times as long; over a table of a few rows it does no harm.
 */

const period = '2026-08'
const request = { seed: 1, rows: 600, months: [period] }

interface WrittenFiles {
  readonly location: string
  readonly files: readonly string[]
}

async function awsBill(directory: string, layout: AwsLayout): Promise<WrittenFiles> {
  return only(await writeAwsBills({ ...request, directory, layouts: [layout] }))
}

async function azureBill(directory: string, agreement: Agreement): Promise<WrittenFiles> {
  const { location, actual, amortized } = only(
    await writeAzureExports({ ...request, directory, agreements: [agreement] }),
  )
  const files = [...actual, ...amortized]
  return { location, files: [...files, ...new Set(files.map((file) => `${path.dirname(file)}/manifest.json`))] }
}

async function gcpBill(directory: string, organisation: 'acme' | 'birchwood'): Promise<WrittenFiles> {
  return only(await writeGcpBills({ ...request, directory, organisations: [organisation] }))
}

function only<Item>([first, ...others]: readonly Item[]): Item {
  if (first === undefined || others.length > 0) throw new Error('not one bill was written')
  return first
}

interface Case {
  readonly name: string
  readonly connector: string
  readonly write: (directory: string) => Promise<WrittenFiles>
  /** The tables of a few rows that every row of another relation is compared with, as `relation: table`. */
  readonly looped: readonly string[]
}

const aws = {
  connector: 'aws',
  // One row of settings, where trouble is looked for; and patterns, for each distinct usage type.
  looped: [
    'problem_rows: settings',
    'problems: settings',
    'problems: settings',
    'usage_kinds: region_prefixes',
    'usage_kinds: usage_type_units',
  ],
}
const gcp = {
  connector: 'gcp',
  // Patterns of fees, for each distinct SKU.
  looped: ['sku_kinds: fee_skus'],
}
const azure = { connector: 'azure', looped: [] }
const cases: readonly Case[] = [
  { ...aws, name: 'a legacy report of AWS', write: (directory) => awsBill(directory, 'cur-csv-gz') },
  { ...aws, name: 'a CUR 2.0 of AWS', write: (directory) => awsBill(directory, 'cur2-parquet') },
  { ...aws, name: 'a FOCUS export of AWS', write: (directory) => awsBill(directory, 'focus-1.2'), looped: [] },
  { ...gcp, name: 'newline JSON of Google Cloud', write: (directory) => gcpBill(directory, 'acme') },
  { ...gcp, name: 'Parquet of Google Cloud', write: (directory) => gcpBill(directory, 'birchwood') },
  { ...azure, name: 'an enterprise agreement of Azure', write: (directory) => azureBill(directory, 'enterprise') },
  { ...azure, name: 'a customer agreement of Azure', write: (directory) => azureBill(directory, 'customer-agreement') },
  { name: 'FOCUS files', connector: 'focus', write: (directory) => awsBill(directory, 'focus-1.2'), looped: [] },
]

/** A step of a plan, as the engine writes it. */
interface Step {
  readonly name: string
  readonly children: readonly Step[]
  readonly extra_info: { readonly Table?: string; readonly Condition?: string; readonly Conditions?: string | string[] }
}

async function planOf(session: Session, query: string): Promise<Step> {
  const { rows } = await session.table(`EXPLAIN (FORMAT json) ${query}`)
  return only(JSON.parse(String(rows[0]?.[1])) as Step[])
}

function stepsOf(step: Step): Step[] {
  return [step, ...step.children.flatMap(stepsOf)]
}

/** The plan as an outline, for people. */
function outline({ name, extra_info: { Table, Condition, Conditions }, children }: Step, depth = 0): string {
  const line = [name, Table, Condition ?? Conditions].filter((part) => part !== undefined).map(String)
  return [
    `${'  '.repeat(depth)}${line.join(' ').slice(0, 200)}`,
    ...children.map((child) => outline(child, depth + 1)),
  ].join('\n')
}

/** What each loop of a plan goes through for every row: a table, or else the step that it comes of. */
function loopedOver(plan: Step, loop: RegExp): string[] {
  const loops = stepsOf(plan).filter(({ name }) => loop.test(name))
  return loops.map(({ children: [, inner] }) => (inner?.extra_info.Table ?? inner?.name ?? '').replace(/^.*\./, ''))
}

const loopJoin = /^(BLOCKWISE_NL_JOIN|NESTED_LOOP_JOIN)$/
const anyLoop = /^(BLOCKWISE_NL_JOIN|NESTED_LOOP_JOIN|CROSS_PRODUCT)$/

/** The queries that made the tables of the session, by table. The engine kept a log of all statements. */
async function queriesOfTables(session: Session): Promise<[string, string][]> {
  const logged = await session.rows<{ message: string }>("SELECT message FROM duckdb_logs WHERE type = 'QueryLog'")
  return logged.flatMap(({ message }) => {
    const [, table, query] = /^(?:\s|--.*\n)*CREATE TABLE (\w+) AS\s([\s\S]*)$/.exec(message) ?? []
    return table === undefined || query === undefined ? [] : [[table, query] as [string, string]]
  })
}

async function queriesOfViews(session: Session): Promise<[string, string][]> {
  const views = await session.rows<{ name: string }>(
    'SELECT view_name AS name FROM duckdb_views() WHERE NOT internal ORDER BY name',
  )
  return views.map(({ name }) => [name, `SELECT * FROM ${quoteIdentifier(name)}`])
}

const folder = temporaryFolderOfFile()

describe.each(cases)('$name', ({ name, connector, write, looped }) => {
  let session: Session
  beforeAll(async () => {
    const directory = path.join(folder(), name)
    const { location, files } = await write(directory)
    const scratchDirectory = path.join(directory, 'scratch')
    mkdirSync(scratchDirectory)
    session = await openSession({ memoryLimit: '512MB', threads: 2, tempDirectory: scratchDirectory })
    await session.run("CALL enable_logging('QueryLog')")
    const transform = await transforms[connector]?.load()
    await transform?.prepare(session, {
      period,
      files: files.map((file) => ({ name: file, path: path.join(location, file) })),
      scratchDirectory,
      options: {},
    })
  })
  afterAll(() => session.close())

  test('the FOCUS rows compare no row with all of another relation', async () => {
    const plan = await planOf(session, 'SELECT * FROM focus')
    // Cross joined, and one row.
    const notSettings = loopedOver(plan, anyLoop).filter((table) => table !== 'settings')
    expect(notSettings, outline(plan)).toEqual([])
  })

  test('what they are made of, and what is proven of them, loops over small tables only', async () => {
    const queries = [...(await queriesOfTables(session)), ...(await queriesOfViews(session))]
    const found: string[] = []
    const outlines: string[] = []
    for (const [relation, query] of queries) {
      const plan = await planOf(session, query)
      const tables = loopedOver(plan, loopJoin)
      found.push(...tables.map((table) => `${relation}: ${table}`))
      if (tables.length > 0) outlines.push(`${relation}:\n${outline(plan)}`)
    }
    expect(found.toSorted(), outlines.join('\n\n')).toEqual(looped)
  })
})
