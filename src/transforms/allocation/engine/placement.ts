import { quoteIdentifier, quoteText, type Session } from '../../../core/duckdb.ts'
import { duckdbType, extensionColumns, focusSchema, focusVersions } from '../../../core/focus.ts'
import { readBeside } from '../../../core/sql.ts'
import type { AssignRule, Dimension, RuleSet, SplitRule, Validity } from '../rule-set.ts'

/**
 * Compiles the rules' expressions into the view `ruled`: each charge with its dimensions and the first rule that
 * matches it. Everything else about placing is in place.sql.
 */
export async function placeCharges(session: Session, ruleSet: RuleSet, charges: string): Promise<void> {
  const dimensioned = await addDimensions(session, ruleSet.dimensions, charges)
  await session.run(`CREATE VIEW ruled AS
    SELECT *,
      CASE rule_number ${targetBranches(ruleSet.assign)} ELSE NULL END AS wanted_target
    FROM (
      SELECT *,
        ${firstMatch(ruleSet.assign)} AS rule_number,
        ${weighsFor(ruleSet.splits)} AS weighs_for,
        ${matchValues(matchColumns(ruleSet.splits))} AS match_values
      FROM ${dimensioned}
    )`)
  await loadRows(session, 'assign_rules', assignRows(ruleSet.assign))
  await session.set('otherwise', ruleSet.otherwise)
  await session.run(readBeside(import.meta.url, 'place.sql'))
}

/** Rules may read columns of every FOCUS version; those that the lake's version lacks are null. */
async function absentColumns(session: Session, charges: string): Promise<string> {
  const present = await session.rows<{ column_name: string }>(`DESCRIBE ${charges}`)
  const names = new Set(present.map(({ column_name }) => column_name))
  const known = [...focusVersions.flatMap((version) => focusSchema(version).columns), ...extensionColumns()]
  const absent = new Map(known.filter(({ id }) => !names.has(id)).map(({ id, type }) => [id, duckdbType(type)]))
  return [...absent].map(([id, type]) => `, NULL::${type} AS ${quoteIdentifier(id)}`).join('')
}

/**
 * Leaves views of the charges with their dimensions, and gives back the last one's name. It has each dimension under its
 * name (null where its value is not allowed), and under `found <name>` what was found before that was asked.
 */
export async function addDimensions(
  session: Session,
  dimensions: readonly Dimension[],
  charges: string,
): Promise<string> {
  await session.run(`CREATE VIEW known_charges AS SELECT *${await absentColumns(session, charges)} FROM ${charges}`)
  // One view on another, since a dimension may read those before it.
  await session.run(`CREATE VIEW dimensions_0 AS
    SELECT *, (ChargePeriodStart AT TIME ZONE 'UTC') AS charged_at, FALSE AS has_invalid_tag, FALSE AS has_tag
    FROM known_charges`)
  for (const [index, dimension] of dimensions.entries()) {
    const name = quoteIdentifier(dimension.name)
    const found = quoteIdentifier(`found ${dimension.name}`)
    const counts = dimension.allowed === undefined ? 'TRUE' : isOneOf(found, dimension.allowed)
    const isTag = dimension.allowed !== undefined || dimension.keys.length > 0
    await session.run(`CREATE VIEW dimensions_${index + 1} AS
      SELECT * EXCLUDE (has_invalid_tag, has_tag),
        CASE WHEN ${counts} THEN ${found} END AS ${name},
        has_invalid_tag OR (${found} IS NOT NULL AND NOT ${counts}) AS has_invalid_tag,
        has_tag OR (${isTag} AND ${found} IS NOT NULL) AS has_tag
      FROM (SELECT *, (${dimension.value.sql}) AS ${found} FROM dimensions_${index})`)
  }
  return `dimensions_${dimensions.length}`
}

function isOneOf(column: string, values: readonly string[]): string {
  return values.length === 0 ? 'FALSE' : `coalesce(${column} IN (${values.map(quoteText).join(', ')}), FALSE)`
}

/** The number of the first rule that matches on the charge's day, from 1. */
function firstMatch(rules: readonly AssignRule[]): string {
  if (rules.length === 0) return 'NULL::INTEGER'
  const branches = rules.map((rule, index) => `WHEN ${isOn(rule.valid)} AND (${rule.when.sql}) THEN ${index + 1}`)
  return `CASE ${branches.join('\n')} END`
}

function isOn({ from, to }: Validity): string {
  const bounds = [
    from === undefined ? [] : `charged_at >= ${quoteText(from)}::TIMESTAMP`,
    to === undefined ? [] : `charged_at < ${quoteText(to)}::TIMESTAMP`,
  ].flat()
  return bounds.length === 0 ? 'TRUE' : `(${bounds.join(' AND ')})`
}

function targetBranches(rules: readonly AssignRule[]): string {
  const branches = rules.flatMap(({ to }, index) =>
    'target' in to ? [`WHEN ${index + 1} THEN (${to.target.sql})::VARCHAR`] : [],
  )
  return branches.length === 0 ? 'WHEN 0 THEN NULL::VARCHAR' : branches.join('\n')
}

/** The splits, by their number, for whose weights the charge counts on a condition. */
function weighsFor(splits: readonly SplitRule[]): string {
  const conditions = splits.flatMap(({ method }, index) =>
    'when' in method && method.when !== undefined
      ? [`CASE WHEN (${method.when.sql}) THEN ${quoteText(String(index))} END`]
      : [],
  )
  if (conditions.length === 0) return 'NULL::VARCHAR[]'
  return `list_filter([${conditions.join(', ')}], lambda split: split IS NOT NULL)`
}

/** Columns of charges that splits match driver rows by, each once. */
export function matchColumns(splits: readonly SplitRule[]): string[] {
  return [...new Set(splits.flatMap(({ method }) => (method.kind === 'driver' ? (method.match ?? []) : [])))].toSorted()
}

function matchValues(columns: readonly string[]): string {
  return columns.length === 0 ? 'NULL::VARCHAR[]' : `[${columns.map(quoteIdentifier).join(', ')}]`
}

function assignRows(rules: readonly AssignRule[]): object[] {
  return rules.map(({ id, to }, index) => ({
    rule_number: index + 1,
    rule: id,
    pool: 'pool' in to ? to.pool : null,
  }))
}

/** Rows into a table that is there, by column name. They are the rules' or made from them, so there are few. */
export async function loadRows(session: Session, table: string, rows: readonly object[]): Promise<void> {
  const columns = await session.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${quoteIdentifier(table)}`)
  const shape = Object.fromEntries(columns.map(({ column_name, column_type }) => [column_name, column_type]))
  for (let first = 0; first < rows.length; first += rowsAtOnce) {
    await session.run(
      `INSERT INTO ${quoteIdentifier(table)} BY NAME
       SELECT unnest(from_json($rows::JSON, ${quoteText(JSON.stringify([shape]))}), max_depth := 2)`,
      { rows: JSON.stringify(rows.slice(first, first + rowsAtOnce)) },
    )
  }
}

const rowsAtOnce = 20_000
