import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { duckdbType, focusSchema, type FocusVersion } from '../../core/focus.ts'
import { readBeside } from '../../core/sql.ts'

/** What of a unit's record goes into its other datasets: times in ISO 8601, the state of the month. */
export interface UnitFacts {
  readonly created: string
  readonly updated: string
  readonly status: 'open' | 'closed'
}

/** The datasets that a version has beside Cost and Usage, by name; none before 1.3. */
export function otherDatasets(version: FocusVersion): string[] {
  return Object.keys(focusSchema(version).datasets)
}

/** `ContractCommitment` is `contract-commitment`: the dataset's folder in the lake and its file of SQL. */
export function datasetFolder(dataset: string): string {
  return dataset.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
}

/**
 * Leaves the view `dataset_rows`: a dataset's rows made from `charges` (Cost and Usage with the columns of the newest
 * version), with exactly the columns of the version, NULL where charges do not tell.
 */
export async function makeDataset(
  session: Session,
  dataset: string,
  version: FocusVersion,
  { created, updated, status }: UnitFacts,
): Promise<void> {
  const columns = focusSchema(version).datasets[dataset] ?? []
  await session.set('created', created)
  await session.set('updated', updated)
  await session.set('status', status)
  await session.set(
    'dataset_columns',
    columns.map(({ id }) => id),
  )
  await session.run('DROP VIEW IF EXISTS dataset_rows; DROP VIEW IF EXISTS made; DROP TABLE IF EXISTS dataset_layout')
  const definitions = columns.map(({ id, type }) => `${quoteIdentifier(id)} ${duckdbType(type)}`)
  await session.run(`CREATE TABLE dataset_layout (${definitions.join(', ')})`)
  await session.run(readBeside(import.meta.url, `${datasetFolder(dataset)}.sql`))
  await session.run(`
    CREATE VIEW dataset_rows AS
    SELECT COLUMNS(c -> list_contains(getvariable('dataset_columns'), c))
    FROM (SELECT * FROM dataset_layout UNION ALL BY NAME SELECT * FROM made)`)
}
