import { UserError } from './errors.ts'
import { focusSchema, focusVersions, type FocusVersion } from './focus.ts'

/**
 * The version of Cost and Usage that column names show: the newest whose own columns are among them, or the
 * one after it where the columns that it dropped are gone. UserError if there is no FOCUS column, or if
 * the columns are those of another FOCUS dataset; `file` is the place it names.
 */
export function versionOfColumns(names: readonly string[], file: string): FocusVersion {
  const present = new Set(names)
  const other = otherDataset(present)
  if (other !== undefined) {
    const hint = 'focal checks Cost and Usage data.'
    throw new UserError(`The columns are those of the FOCUS dataset ${other}`, { where: { file }, hint })
  }
  if (!focusVersions.some((version) => ids(focusSchema(version).columns).some((id) => present.has(id)))) {
    const hint = 'FOCUS names are case-sensitive: BilledCost, not billedcost.'
    throw new UserError('There is no FOCUS column', { where: { file }, hint })
  }
  return focusVersions.findLast((version) => isShownBy(present, version)) ?? focusVersions[0]
}

/** Columns that came with the version are there, or some that it removed are gone while younger ones stayed. */
function isShownBy(present: ReadonlySet<string>, version: FocusVersion): boolean {
  if (focusSchema(version).columns.some(({ id, introduced }) => introduced === version && present.has(id))) return true
  const before = focusVersions[focusVersions.indexOf(version) - 1]
  if (before === undefined || !isShownBy(present, before)) return false
  const removed = focusSchema(before).columns.filter((column) => column.removed === version)
  return removed.length > 0 && removed.every(({ id }) => !present.has(id))
}

/** A dataset other than Cost and Usage that more of the columns belong to. */
function otherDataset(present: ReadonlySet<string>): string | undefined {
  const matches = (columns: readonly { id: string }[]) => ids(columns).filter((id) => present.has(id)).length
  for (const version of focusVersions) {
    const { columns, datasets } = focusSchema(version)
    const found = Object.keys(datasets).find((name) => matches(datasets[name] ?? []) > matches(columns))
    if (found !== undefined) return found
  }
  return undefined
}

function ids(columns: readonly { readonly id: string }[]): string[] {
  return columns.map(({ id }) => id)
}
