import type { SourceConfig } from '../config/config.ts'
import type { UnitRecord } from './state.ts'

/** How old a source's data is, and how old it gets as a rule before the next delivery comes. */
export interface Freshness {
  readonly source: string
  /** ISO time at which the newest usage begins. */
  readonly dataUntil: string
  readonly ageHours: number
  /** The age at which the source is stale. */
  readonly limitHours: number
  /** How many deliveries the limit was learned from; below `enough` it is a general one. */
  readonly learnedFrom: number
  readonly stale: boolean
  /** The configuration says that this month was its last, and the month is there. */
  readonly ended?: string
}

/** With fewer deliveries than this, nobody can say what is usual. */
const enough = 5
const generalLimitHours = 72
/** However punctual a source was: a night may be skipped, and a weekend is two days. */
const leastLimitHours = 36
const newestConsidered = 30

const hourMs = 3600_000

/**
 * The freshness of each source of the configuration that has published usage, by name. Each delivery that brought newer usage tells how old
 * the data had become just before it; the limit is half as much again as nine in ten of them stayed below.
 */
export function freshnessOf(
  units: readonly UnitRecord[],
  sources: readonly Pick<SourceConfig, 'name' | 'until'>[],
  now: Date,
): Freshness[] {
  return sources
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name: source, until }) => {
      const steps = advances(units.filter((unit) => unit.source === source))
      const dataUntil = steps.at(-1)?.dataUntil
      if (dataUntil === undefined) return []
      const ages = steps.flatMap(({ ageBeforeHours }) => ageBeforeHours ?? []).slice(-newestConsidered)
      const limitHours = ages.length < enough ? generalLimitHours : Math.max(leastLimitHours, 1.5 * ninetieth(ages))
      const ageHours = (now.getTime() - Date.parse(dataUntil)) / hourMs
      const fresh = { source, dataUntil, ageHours, limitHours, learnedFrom: ages.length }
      if (until !== undefined && dataUntil.slice(0, 7) >= until) return [{ ...fresh, stale: false, ended: until }]
      return [{ ...fresh, stale: ageHours > limitHours }]
    })
}

interface Advance {
  readonly dataUntil: string
  /** How old the data before was when this came; undefined for the first. */
  readonly ageBeforeHours: number | undefined
}

/**
 * The deliveries that brought newer usage than any before, in the order of their publishing. Months that were published
 * by one run, as a first run does with a year, count as one delivery.
 */
function advances(records: readonly UnitRecord[]): Advance[] {
  const versions = records.flatMap((record) =>
    [record, ...record.superseded].flatMap(({ publishedAt, dataUntil }) =>
      dataUntil === undefined ? [] : [{ publishedAt, dataUntil }],
    ),
  )
  const steps: (Advance & { publishedAt: string })[] = []
  for (const { publishedAt, dataUntil } of versions.toSorted((a, b) => (a.publishedAt < b.publishedAt ? -1 : 1))) {
    const last = steps.at(-1)
    if (last !== undefined && dataUntil <= last.dataUntil) continue
    const sameRun = last !== undefined && Date.parse(publishedAt) - Date.parse(last.publishedAt) < hourMs
    const ageBeforeHours = sameRun
      ? last.ageBeforeHours
      : last && (Date.parse(publishedAt) - Date.parse(last.dataUntil)) / hourMs
    const step = { publishedAt, dataUntil, ageBeforeHours }
    if (sameRun) steps.splice(-1, 1, step)
    else steps.push(step)
  }
  return steps
}

function ninetieth(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.9) - 1] ?? 0
}

/** `newest usage 2026-11-18 05:00 UTC, 62 hours old; by its own habit 36 hours at most`. */
export function describeFreshness({ dataUntil, ageHours, limitHours, learnedFrom, ended }: Freshness): string {
  const newest = `newest usage ${dataUntil.slice(0, 16).replace('T', ' ')} UTC`
  if (ended !== undefined) return `${newest}; the configuration says that ${ended} was its last month`
  const limit = spell(limitHours)
  const usual = learnedFrom < enough ? `more than ${limit} is taken for stale` : `by its own habit ${limit} at most`
  return `${newest}, ${spell(ageHours)} old; ${usual}`
}

function spell(hours: number): string {
  return hours < 96 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`
}
