import { focusSchema, focusVersions, type FocusVersion } from '../core/focus.ts'
import { versionOfColumns } from '../core/focus-version.ts'
import { costAndUsage, datasetOf } from './dataset.ts'

/** Which FOCUS dataset a table is, and of which version, as its column names show. */
export interface ToldDataset {
  readonly dataset: string
  readonly version: FocusVersion
}

/**
 * The dataset that most of the columns belong to; Cost and Usage where two have as many. Its version is the
 * oldest of those that have the most of the columns. UserError if there is no FOCUS column; `file` is the place it names.
 */
export function toldDataset(names: readonly string[], file: string): ToldDataset {
  const present = new Set(names)
  const matches = (version: FocusVersion, dataset: string) =>
    datasetOf(version, dataset).columns.filter(({ id }) => present.has(id)).length
  const best = (dataset: string) => Math.max(...focusVersions.map((version) => matches(version, dataset)))
  const others = new Set(focusVersions.flatMap((version) => Object.keys(focusSchema(version).datasets)))
  const most = [...others].toSorted((a, b) => best(b) - best(a))[0]
  if (most === undefined || best(most) <= best(costAndUsage)) {
    return { dataset: costAndUsage, version: versionOfColumns(names, file) }
  }
  const version = focusVersions.find((each) => matches(each, most) === best(most)) ?? focusVersions[0]
  return { dataset: most, version }
}
