import { readFileSync } from 'node:fs'
import { providerColumn, type Dataset } from './dataset.ts'

/** A rule that a provider's data cannot satisfy, with the reason. Rows it covers are reported, and fail nothing. */
export interface KnownGap {
  readonly id: string
  /** Rules it covers; `<id>:<column>` for a rule that is repeated for columns. Empty where no row can show the gap. */
  readonly rules: readonly string[]
  /** DuckDB SQL over FOCUS columns, true on the rows it covers; `{provider}` is ProviderName or what replaced it. */
  readonly where: string
  readonly reason: string
}

/** The gaps of `known-gaps.json`. */
export function knownGaps(): readonly KnownGap[] {
  loaded ??= (JSON.parse(readFileSync(new URL('known-gaps.json', import.meta.url), 'utf8')) as { gaps: KnownGap[] })
    .gaps
  return loaded
}

let loaded: readonly KnownGap[] | undefined

/** The gaps that cover a rule, with their SQL completed for a version: false, never null, on rows they do not cover. */
export function gapsOf(ruleId: string, gaps: readonly KnownGap[], schema: Dataset): KnownGap[] {
  return gaps
    .filter(({ rules }) => rules.includes(ruleId))
    .map((gap) => ({
      ...gap,
      where: `coalesce(${gap.where.replaceAll('{provider}', providerColumn(schema) ?? 'NULL')}, false)`,
    }))
}
