import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { parse } from 'yaml'
import { openSession, quoteText } from '../../src/core/duckdb.ts'

/**
 * A folder is a test: `<provider>/<case>/input/` is what a source's location holds, and beside it
 * `expected.csv` says the rows that are published, or `expected-error.txt` why none are.
 */
export interface Case {
  /** The connector's name. */
  readonly provider: string
  readonly name: string
  readonly folder: string
  readonly settings: CaseSettings
}

/** `case.yaml`, for the few cases that need one. */
interface CaseSettings {
  /** Further keys of the source in the configuration. */
  readonly source?: Readonly<Record<string, unknown>>
  /** How the csv files of `input/` are packed before the run; as they are when it says nothing. */
  readonly pack?: 'gzip' | 'parquet'
  /** With `pack: parquet`: DuckDB types of columns that are not text. */
  readonly types?: Readonly<Record<string, string>>
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** Every case of a provider, by name. */
export function casesOf(provider: string): Case[] {
  return folders(path.join(here, provider)).map((name) => loadCase(provider, name))
}

export function loadCase(provider: string, name: string): Case {
  const folder = path.join(here, provider, name)
  const settings = readIfThere(folder, 'case.yaml')
  return { provider, name, folder, settings: settings === undefined ? {} : (parse(settings) as CaseSettings) }
}

/** The text of a file of the case, or undefined. */
export function readIfThere(folder: string, name: string): string | undefined {
  const file = path.join(folder, name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Puts the case's input at `location`, in place of what was there. */
export async function placeInput({ folder, settings }: Case, location: string): Promise<void> {
  rmSync(location, { recursive: true, force: true })
  cpSync(path.join(folder, 'input'), location, { recursive: true })
  if (settings.pack === undefined) return
  const names = readdirSync(location, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv'))
  for (const name of names) {
    const file = path.join(location, name)
    if (settings.pack === 'gzip') writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)))
    else await writeParquet(file, file.replace(/\.csv$/, '.snappy.parquet'), settings.types ?? {})
    rmSync(file)
  }
}

async function writeParquet(from: string, to: string, types: Readonly<Record<string, string>>): Promise<void> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: `${path.dirname(to)}.spill` })
  const typed = Object.entries(types).map(([column, type]) => `${quoteText(column)}: ${quoteText(type)}`)
  const option = typed.length > 0 ? `, types = {${typed.join(', ')}}, auto_detect = true` : ''
  await session.run(
    `COPY (FROM read_csv(${quoteText(from)}, header = true, all_varchar = ${typed.length === 0}${option}))
     TO ${quoteText(to)} (FORMAT parquet, COMPRESSION snappy)`,
  )
  session.close()
}

function folders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}
