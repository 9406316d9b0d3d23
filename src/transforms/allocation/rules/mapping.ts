import { readCsvTable } from '../../../core/csv-table.ts'
import { readValidity } from './row-validity.ts'
import { mistake, type Draft } from './draft.ts'
import type { WrittenMapping } from './file-format.ts'
import type { Validity } from '../rule-set.ts'
import { always, describeValidity, overlap } from '../validity.ts'

export interface MapEntry {
  readonly from: string
  readonly to: string
  readonly valid: Validity
}

type Path = readonly (string | number)[]

/** A table written in the rules, or a CSV file whose rows may have dates. */
export async function readMapping(
  draft: Draft,
  path: Path,
  mapping: WrittenMapping,
  key = 'from',
  value = 'to',
): Promise<MapEntry[]> {
  if (typeof mapping !== 'string') return Object.entries(mapping).map(([from, to]) => ({ from, to, valid: always }))
  const columns = { required: [key, value], optional: ['valid_from', 'valid_to'] }
  const { rows } = await readCsvTable(draft.resolve(mapping), mapping, columns, draft.whereIs(path))
  const seen = new Map<string, MapEntry[]>()
  return rows.map((row) => {
    const entry = { from: row.value(key) ?? '', to: row.value(value) ?? '', valid: readValidity(row) }
    if (entry.to === '') throw row.mistake(value, `${entry.from} has no ${value}`, 'Fill it in, or remove the row.')
    const earlier = seen.get(entry.from) ?? []
    const other = earlier.find(({ valid }) => overlap(valid, entry.valid))
    if (other !== undefined) {
      const what = `${entry.from} is there twice: ${other.to} ${describeValidity(other.valid)}, ${entry.to} ${describeValidity(entry.valid)}`
      throw row.mistake(key, what, 'Give the rows dates that do not overlap, or remove one.')
    }
    seen.set(entry.from, [...earlier, entry])
    return entry
  })
}

/** A mapping without dates, for who cannot judge by a charge's own day. */
export async function readDatelessMapping(
  draft: Draft,
  path: Path,
  mapping: WrittenMapping,
): Promise<Map<string, string>> {
  const entries = await readMapping(draft, path, mapping)
  const dated = entries.find(({ valid }) => valid.from !== undefined || valid.to !== undefined)
  if (dated === undefined) return new Map(entries.map(({ from, to }) => [from, to]))
  throw mistake(draft, path, `the map has dates, at ${dated.from}`, 'Only maps of a dimension may have dates.')
}
