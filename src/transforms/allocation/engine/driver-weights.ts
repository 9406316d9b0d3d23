import { quoteIdentifier, quoteText, type Session } from '../../../core/duckdb.ts'
import { DataError } from '../../../core/errors.ts'
import { readBeside } from '../../../core/sql.ts'
import type { Driver, RuleSet } from '../rule-set.ts'
import { loadRows } from './placement.ts'
import { readOpenCost } from './opencost.ts'

/** Reads every driver's files into `driver_weights`. DataError names file, row, column and value that cannot be read. */
export async function readDriverWeights(session: Session, { drivers }: RuleSet): Promise<void> {
  if (drivers.length === 0) return
  await session.run(readBeside(import.meta.url, '../../macros.sql'))
  for (const driver of drivers) {
    await session.set('driver', driver.id)
    for (const file of driver.files) await readFile(session, driver, file)
  }
}

async function readFile(session: Session, driver: Driver, file: string): Promise<void> {
  if (driver.format === 'opencost') await openCostRows(session, driver, file)
  else await tableRows(session, driver, file)
  await session.run(readBeside(import.meta.url, 'driver-rows.sql'))
  const [misread] = await session.rows<{ row_number: string; kind: keyof Driver['columns']; value: string }>(
    readBeside(import.meta.url, 'driver-misread.sql'),
  )
  await session.run('DROP VIEW IF EXISTS driver_rows; DROP TABLE IF EXISTS opencost_rows')
  if (misread === undefined) return
  throw new DataError(
    `the driver ${driver.id} has a value that is no ${misread.kind === 'weight' ? 'number' : 'time'}`,
    {
      where: {
        file,
        row: Number(misread.row_number),
        column: driver.columns[misread.kind] ?? misread.kind,
        value: misread.value,
      },
      hint:
        misread.kind === 'weight'
          ? 'Expected a plain number such as 1250 or 0.75.'
          : 'Expected a day such as 2026-10-31 or a time such as 2026-10-31T23:00:00Z, in UTC.',
    },
  )
}

/** The view `driver_rows` over a CSV or Parquet file. */
async function tableRows(session: Session, driver: Driver, file: string): Promise<void> {
  const table =
    driver.format === 'csv'
      ? `read_csv(${quoteText(file)}, all_varchar = true, header = true)`
      : `read_parquet(${quoteText(file)})`
  const present = await session.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${table}`)
  const names = present.map(({ column_name }) => column_name)
  const column = (name: string | undefined, type: string): string => {
    if (name === undefined) return `NULL::${type}`
    if (!names.includes(name)) throw noColumn(driver, file, name, names)
    return quoteIdentifier(name)
  }
  const { key, weight, at, match, validFrom, validTo } = driver.columns
  await session.run(`CREATE OR REPLACE VIEW driver_rows AS SELECT
    row_number() OVER () AS row_number,
    (${column(key, 'VARCHAR')})::VARCHAR AS key,
    (${column(match, 'VARCHAR')})::VARCHAR AS match,
    (${column(at, 'VARCHAR')})::VARCHAR AS "at",
    (${column(validFrom, 'VARCHAR')})::VARCHAR AS valid_from,
    (${column(validTo, 'VARCHAR')})::VARCHAR AS valid_to,
    ${column(weight, 'VARCHAR')} AS weight
    FROM ${table}`)
}

function noColumn(driver: Driver, file: string, column: string, names: readonly string[]): DataError {
  return new DataError(`the driver ${driver.id} has no column ${column}`, {
    where: { file, column },
    hint: `It has ${names.join(', ')}.`,
  })
}

async function openCostRows(session: Session, driver: Driver, file: string): Promise<void> {
  await session.run(`CREATE OR REPLACE TABLE opencost_rows (
    row_number INTEGER, key VARCHAR, match VARCHAR, "at" VARCHAR, valid_from VARCHAR, valid_to VARCHAR, weight VARCHAR)`)
  await loadRows(session, 'opencost_rows', await readOpenCost(driver, file))
  await session.run('CREATE OR REPLACE VIEW driver_rows AS SELECT * FROM opencost_rows')
}
