import { quoteIdentifier, type Session } from '../../../core/duckdb.ts'
import { extensionColumns, focusSchema, readSchemaFile } from '../../../core/focus.ts'
import { readBeside } from '../../../core/sql.ts'
import type { RuleSet } from '../rule-set.ts'

/** A column that the allocated dataset has beside those of the charge. */
export interface AllocatedColumn {
  readonly id: string
  /** DuckDB type. */
  readonly type: string
  readonly description: string
}

/** The x_ columns of allocated rows, in order. */
export function allocatedColumns(): readonly AllocatedColumn[] {
  return (readSchemaFile('allocated.json') as { columns: AllocatedColumn[] }).columns
}

/** FOCUS's own columns for split charges, which are there whatever version the lake is of. */
function splitColumns(): string[] {
  return focusSchema('1.3').columns.flatMap(({ id }) => (id.startsWith('Allocated') ? id : []))
}

/**
 * Makes the views `postings` and `allocated`. The latter has the FOCUS columns of the charges in their order, FOCUS
 * 1.3's Allocated columns after them where the lake's version has none, the x_ columns of all rows, those of
 * allocated rows, and `source`.
 */
export async function createResults(session: Session, ruleSet: RuleSet, charges: string): Promise<void> {
  await session.set('rule_set', ruleSet.print)
  await session.run(readBeside(import.meta.url, 'postings.sql'))
  await session.run(readBeside(import.meta.url, 'allocated.sql'))
  const columns = (await columnsOf(session, charges)).map(quoteIdentifier).join(', ')
  await session.run(`CREATE VIEW allocated AS SELECT ${columns} FROM allocated_rows('charge_parts')`)
}

async function columnsOf(session: Session, charges: string): Promise<string[]> {
  const described = await session.rows<{ column_name: string }>(`DESCRIBE ${charges}`)
  const extensions = extensionColumns().map(({ id }) => id)
  const own = allocatedColumns().map(({ id }) => id)
  const later = new Set([...extensions, ...own, 'source', 'billing_period'])
  const focus = described.map(({ column_name }) => column_name).filter((name) => !later.has(name))
  return [...new Set([...focus, ...splitColumns(), ...extensions, ...own, 'source'])]
}

/**
 * Runs `write` with the name of a relation that has the rows of `allocated` of one source in the order of
 * `x_OriginRow`, target and way, without sorting whole rows. It must be read as it is, by a single statement; the
 * session has one thread meanwhile, and joins keep the order that their SQL says.
 */
export async function inOrder(
  session: Session,
  source: string,
  write: (relation: string) => Promise<void>,
): Promise<void> {
  await session.set('ordered_source', source)
  await session.run(readBeside(import.meta.url, 'in-order.sql'))
  const described = await session.rows<{ column_name: string }>('DESCRIBE allocated')
  const columns = described.map(({ column_name }) => quoteIdentifier(column_name)).join(', ')
  await session.run(
    `CREATE OR REPLACE VIEW allocated_in_order AS SELECT ${columns} FROM allocated_rows('charge_parts_in_order')`,
  )
  const [before] = await session.rows<{ threads: string }>("SELECT current_setting('threads') AS threads")
  await session.run("SET threads = 1; SET disabled_optimizers = 'join_order,build_side_probe_side'")
  try {
    await write('allocated_in_order')
  } finally {
    await session.run(`RESET disabled_optimizers; SET threads = ${before?.threads ?? '1'}`)
  }
}
