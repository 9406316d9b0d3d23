import { focusSchema, type FocusColumn, type FocusVersion } from '../core/focus.ts'

/** One dataset of a FOCUS version, as far as checks need it. */
export interface Dataset {
  readonly version: FocusVersion
  /** `CostAndUsage`, `ContractCommitment` … */
  readonly dataset: string
  readonly columns: readonly FocusColumn[]
}

export const costAndUsage = 'CostAndUsage'

/** A dataset of a version; one that the version does not have has no columns. */
export function datasetOf(version: FocusVersion, dataset: string = costAndUsage): Dataset {
  const { columns, datasets } = focusSchema(version)
  return { version, dataset, columns: dataset === costAndUsage ? columns : (datasets[dataset] ?? []) }
}

/** The column that tells providers apart in one table; undefined where a dataset has none. */
export function providerColumn({ columns }: Dataset): string | undefined {
  return ['ProviderName', 'ServiceProviderName'].find((name) => columns.some(({ id }) => id === name))
}
