import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { duckdbType, extensionColumns, focusSchema, focusVersions, type FocusVersion } from '../../core/focus.ts'
import { readBeside } from '../../core/sql.ts'

/** What a version says more or less than the rows that are shown in it. */
export interface Projection {
  readonly version: FocusVersion
  /** Columns of the version that the rows lack, filled from another column of theirs. */
  readonly filled: readonly { readonly column: string; readonly from: string }[]
  /** Columns of the version that nothing in the rows tells: null. */
  readonly unknown: readonly string[]
  /** FOCUS columns of the rows that the version does not have. */
  readonly left: readonly string[]
}

/** Which column may stand in for one that a version lacks, in the order they are asked; projection.sql says why. */
const fillings = readBeside(import.meta.url, 'filled.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [column = '', from = ''] = line.split(',')
    return { column, from }
  })

/**
 * Creates `view` over the table or view `relation`: its rows with the columns of a FOCUS version, in the order of the
 * specification, then the x_ columns and whatever else it has. No value that both have changes.
 */
export async function projectFocus(
  session: Session,
  { relation, view, version }: { relation: string; view: string; version: FocusVersion },
): Promise<Projection> {
  const described = await session.rows<{ column_name: string }>(`DESCRIBE ${quoteIdentifier(relation)}`)
  const present = described.map(({ column_name }) => column_name)
  const wanted = focusSchema(version).columns.map(({ id }) => id)
  const focusColumns = columnsWithTypes(version)
  const own = present.filter((name) => name.startsWith('x_') || !focusColumns.has(name))
  const definitions = [...focusColumns].map(([name, type]) => `${quoteIdentifier(name)} ${type}`)
  await session.run(`CREATE TABLE focus_columns (${definitions.join(', ')})`)
  await session.run(
    `CREATE VIEW every_column AS SELECT * FROM focus_columns UNION ALL BY NAME SELECT * FROM ${quoteIdentifier(relation)}`,
  )
  await session.run(readBeside(import.meta.url, 'projection.sql'))
  await session.set('projected_columns', [...wanted, ...own])
  await session.run(
    `CREATE VIEW ${quoteIdentifier(view)} AS
      SELECT COLUMNS(c -> list_contains(getvariable('projected_columns'), c)) FROM every_version`,
  )
  return projectionOf(version, present)
}

/** What a version says more or less than rows with these columns. */
export function projectionOf(version: FocusVersion, present: readonly string[]): Projection {
  const has = new Set(present)
  const wanted = focusSchema(version).columns.map(({ id }) => id)
  const missing = wanted.filter((id) => !has.has(id))
  const filled = missing.flatMap((id) => fillings.find(({ column, from }) => column === id && has.has(from)) ?? [])
  const known = new Set(filled.map(({ column }) => column))
  return {
    version,
    filled,
    unknown: missing.filter((id) => !known.has(id)),
    left: [...columnsWithTypes(version).keys()].filter(
      (id) => has.has(id) && !wanted.includes(id) && !id.startsWith('x_'),
    ),
  }
}

/** The columns of a version first, then ours, then those that only other versions have. */
function columnsWithTypes(version: FocusVersion): ReadonlyMap<string, string> {
  const columns = [
    ...focusSchema(version).columns,
    ...extensionColumns(),
    ...focusVersions.flatMap((other) => focusSchema(other).columns),
  ]
  return new Map(columns.map(({ id, type }) => [id, duckdbType(type)]))
}

/** For people: one line for each kind of difference; none when there is none. */
export function describeProjection({ version, filled, unknown, left }: Projection): string[] {
  const sources = filled.map(({ column, from }) => `${column} from ${from}`)
  return [
    ...(sources.length > 0 ? [`FOCUS ${version}: filled ${sources.join(', ')}`] : []),
    ...(unknown.length > 0
      ? [`FOCUS ${version}: null, since the published rows do not tell: ${unknown.join(', ')}`]
      : []),
    ...(left.length > 0
      ? [`FOCUS ${version}: left out, since the version does not have them: ${left.join(', ')}`]
      : []),
  ]
}
