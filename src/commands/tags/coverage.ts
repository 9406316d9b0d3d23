import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { readBeside } from '../../core/sql.ts'
import type { PeriodRange } from '../../core/period.ts'

/**
 * How much of what was charged carries a tag, told from charges above zero. Amounts are exact decimal text in the
 * currency beside them.
 */

export interface Covered {
  readonly currency: string
  readonly charges: string
  readonly billed: string
  readonly effective: string
  readonly total_billed: string
  readonly total_effective: string
}

/** Spellings of one tag key, the commonest first. */
export interface KeyCoverage extends Covered {
  readonly family: string
  readonly keys: readonly string[]
}

export interface TeamCost {
  readonly value: string | null
  readonly outcome: 'covered' | 'untagged' | 'invalid'
  readonly currency: string
  readonly charges: string
  readonly billed: string
  readonly effective: string
}

export interface Offender {
  readonly source: string
  readonly sub_account: string
  readonly service: string
  readonly currency: string
  readonly charges: string
  readonly billed: string
  readonly effective: string
  readonly total_effective: string
}

/** Values of one key that mean the same, the commonest spelling first. */
export interface ValueSpellings {
  readonly family: string
  readonly meaning: string
  readonly spellings: readonly string[]
  readonly charges: string
}

/** Prepares `charges` and `tag_pairs` in a session over the lake, and tells what each key covers. */
export async function coverageOfKeys(session: Session, { from, to }: PeriodRange): Promise<KeyCoverage[]> {
  await session.set('first_period', from)
  await session.set('last_period', to)
  await session.run(readBeside(import.meta.url, 'charges.sql'))
  await session.run(readBeside(import.meta.url, 'pairs.sql'))
  const rows = await session.rows<Omit<KeyCoverage, 'keys'> & { keys: string }>(readBeside(import.meta.url, 'keys.sql'))
  return rows.map((row) => ({ ...row, keys: JSON.parse(row.keys) as string[] }))
}

export async function spellingsOfValues(session: Session): Promise<ValueSpellings[]> {
  const rows = await session.rows<Omit<ValueSpellings, 'spellings'> & { spellings: string }>(
    readBeside(import.meta.url, 'values.sql'),
  )
  return rows.map((row) => ({ ...row, spellings: JSON.parse(row.spellings) as string[] }))
}

/** What coverage is measured by: a dimension of the rules, or the spellings of a tag key. */
export interface Subject {
  readonly name: string
  /** Spellings of the tag key, or the keys that the dimension is taken from. */
  readonly keys: readonly string[]
  /** A relation with the dimension beside the columns of `charges`; undefined for a tag key. */
  readonly relation?: string
  /** Values that count; none when all do. */
  readonly allowed: readonly string[]
}

export interface Measurement {
  readonly coverage: readonly Covered[]
  readonly teams: readonly TeamCost[]
  readonly offenders: readonly Offender[]
}

export async function measure(session: Session, subject: Subject): Promise<Measurement> {
  if (subject.relation === undefined) {
    await session.set('keys', subject.keys)
    await session.run(readBeside(import.meta.url, 'said-by-key.sql'))
  } else {
    const found = quoteIdentifier(`found ${subject.name}`)
    await session.run(`CREATE OR REPLACE VIEW said AS SELECT *, ${found} AS value FROM ${subject.relation}`)
  }
  await session.set('allowed', subject.allowed)
  await session.run(readBeside(import.meta.url, 'measured.sql'))
  return {
    coverage: await session.rows<Covered>(readBeside(import.meta.url, 'coverage.sql')),
    teams: await session.rows<TeamCost>(readBeside(import.meta.url, 'teams.sql')),
    offenders: await session.rows<Offender>(readBeside(import.meta.url, 'offenders.sql')),
  }
}
