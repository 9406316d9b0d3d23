import { comparePercent, percent } from '../../core/percent.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { periodBounds } from '../../core/period.ts'
import type { Notice } from '../../notify/index.ts'
import type { RunRecord, UnitRecord } from '../state.ts'
import { keyOf, printOf } from './incidents.ts'
import type { Billed, ToldState } from './state.ts'

/** What happened once and is told once. */
export interface News {
  readonly notices: Notice[]
  readonly told: Pick<ToldState, 'months' | 'warnings'>
}

/**
 * Months that were over when they were told last, and whose billed cost has changed since by more than a percentage
 * of it. A month that is still going on grows every night, and is news to nobody.
 */
export function restatedMonths(
  units: readonly UnitRecord[],
  told: ToldState['months'],
  restatedBy: string,
  now: Date,
): { notices: Notice[]; months: ToldState['months'] } {
  const months: Record<string, readonly Billed[]> = {}
  const notices = units.flatMap((unit): Notice[] => {
    const id = `${unit.source}/${unit.period}`
    const before = told[id]
    const billed = unit.totals.map(({ currency, billedCost }) => ({ currency, billedCost }))
    const changes = before === undefined ? [] : changesOf(before, billed, restatedBy)
    // Small changes add up: the month stays measured against what was told.
    months[id] = before === undefined || changes.length > 0 || !isOver(unit, now) ? billed : before
    if (changes.length === 0 || !isOver(unit, now)) return []
    return [
      {
        key: keyOf('month-restated', unit.source, unit.period, `v${unit.version}`),
        kind: 'month-restated',
        over: false,
        severity: unit.status === 'closed' ? 'warning' : 'info',
        title: `${unit.source} restated ${unit.period}: ${changes.join('; ')}`,
        lines: [`Version ${unit.version} of the month, delivery ${unit.delivery.id}, ${unit.status}.`],
        hint: `focal diff --source ${unit.source} --period ${unit.period} shows what changed.`,
        at: now.toISOString(),
      },
    ]
  })
  return { notices, months: { ...told, ...months } }
}

function isOver({ period }: UnitRecord, now: Date): boolean {
  return periodBounds(period).end <= now.toISOString().slice(0, 10)
}

/** `billed 1200 USD instead of 1000 (+20.00 %)` for each currency that changed by more than `restatedBy` percent. */
function changesOf(before: readonly Billed[], now: readonly Billed[], restatedBy: string): string[] {
  const currencies = [...new Set([...before, ...now].map(({ currency }) => currency))].toSorted()
  return currencies.flatMap((currency) => {
    const of = (totals: readonly Billed[]) => totals.find((total) => total.currency === currency)?.billedCost ?? '0'
    const [was, is] = [of(before), of(now)]
    const difference = fromUnits(toUnits(is) - toUnits(was))
    const size = difference.replace('-', '')
    if (size === '0' || comparePercent(size, was.replace('-', ''), restatedBy) <= 0) return []
    const share = percent(difference, was.replace('-', ''))
    const change = share === '' ? '' : ` (${share.startsWith('-') ? '' : '+'}${share} %)`
    return [`billed ${fromUnits(toUnits(is))} ${currency} instead of ${fromUnits(toUnits(was))}${change}`]
  })
}

/**
 * What a source has not been known for: warnings of its published months, and values that stopped a month. The first
 * time that a source is looked at, its warnings are taken for known.
 */
export function newUnknowns(
  units: readonly UnitRecord[],
  run: RunRecord | undefined,
  told: ToldState['warnings'],
  now: Date,
): { notices: Notice[]; warnings: ToldState['warnings'] } {
  const sources = new Set([...units, ...(run?.units ?? [])].map(({ source }) => source))
  const warnings: Record<string, readonly string[]> = { ...told }
  const notices = [...sources].toSorted().flatMap((source): Notice[] => {
    const known = told[source]
    const stopped = (run?.units ?? []).flatMap((unit) => (unit.source === source ? stoppingValue(unit) : []))
    const warned = units.flatMap((unit) => (unit.source === source ? warningsOf(unit) : []))
    const fresh = [...new Set([...stopped, ...(known === undefined ? [] : warned)])].filter(
      (line) => !known?.includes(line),
    )
    warnings[source] = [...new Set([...(known ?? []), ...warned, ...stopped])]
    if (fresh.length === 0) return []
    return [
      {
        key: keyOf('unknown-value', source, printOf(fresh)),
        kind: 'unknown-value',
        over: false,
        severity: 'warning',
        title: `${source} has ${fresh.length === 1 ? 'something' : `${fresh.length} things`} that focal has not met there before`,
        lines: fresh,
        hint: 'Nothing was guessed: what is not known for sure stops its month, the rest is read as the line says.',
        at: now.toISOString(),
      },
    ]
  })
  return { notices, warnings }
}

/** A failure that names a value, with its place but for the row: the same value in the next file is no news. */
function stoppingValue({ result, detail }: RunRecord['units'][number]): string[] {
  if (result !== 'failed') return []
  const [what = ''] = detail.split('\n')
  const place = /column [^,\n]+, value "(?:[^"\\]|\\.)*"/.exec(detail)
  return place === null ? [] : [`${what.replace(/ \(\d+ rows?.*\)$/, '')}: ${place[0]}`]
}

/** Broken FOCUS rules are told as such; counts of rows change every night. */
function warningsOf({ warnings }: UnitRecord): string[] {
  return warnings
    .filter((warning) => !/^\d+ rows break /.test(warning))
    .map((warning) => warning.replace(/^\d+ rows?: /, ''))
}
