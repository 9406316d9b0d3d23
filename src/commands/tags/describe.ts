import type { PeriodRange } from '../../core/period.ts'
import { percent } from '../../core/percent.ts'
import { count, money, table } from '../table.ts'
import type { Covered, KeyCoverage, Measurement, ValueSpellings } from './coverage.ts'

export interface TagReport extends Measurement {
  readonly periods: PeriodRange
  /** The dimension or tag key that coverage is measured by. */
  readonly by: string
  readonly keys: readonly KeyCoverage[]
  readonly values: readonly ValueSpellings[]
  /** Lines for allocation.yaml. */
  readonly suggestion: string | undefined
  readonly failUnder: string | undefined
  readonly passed: boolean
}

export function describeTags(report: TagReport): string {
  const { periods, by, suggestion } = report
  const months = periods.from === periods.to ? periods.from : `${periods.from} to ${periods.to}`
  return [
    `Coverage by ${by} in ${months}, of charges above zero:`,
    describeCoverage(report.coverage),
    'By key:',
    describeKeys(report.keys),
    `By ${by}:`,
    describeTeams(report),
    ...(report.offenders.length > 0 ? ['Where most of the rest is:', describeOffenders(report)] : []),
    ...describeSpellings(report),
    ...(suggestion === undefined ? [] : ['For allocation.yaml:', suggestion]),
    ...describeGate(report),
  ].join('\n\n')
}

function shares({ billed, effective, total_billed, total_effective }: Covered): string[] {
  return [money(effective), percent(effective, total_effective), money(billed), percent(billed, total_billed)]
}

const shareHeader = ['effective', '% of effective', 'billed', '% of billed', 'currency']

function describeCoverage(coverage: readonly Covered[]): string {
  return table(
    ['charges', ...shareHeader],
    coverage.map((line) => [count(Number(line.charges)), ...shares(line), line.currency]),
  )
}

function describeKeys(keys: readonly KeyCoverage[]): string {
  return table(
    ['key', 'charges', ...shareHeader],
    keys.slice(0, 20).map((key) => [key.keys.join(', '), count(Number(key.charges)), ...shares(key), key.currency]),
  )
}

function describeTeams({ teams, coverage }: TagReport): string {
  const rows = teams.slice(0, 30).map(({ value, outcome, currency, charges, billed, effective }) => {
    const whole = coverage.find((line) => line.currency === currency)
    const name =
      outcome === 'untagged' ? '(none)' : outcome === 'invalid' ? `${value ?? ''} (not allowed)` : (value ?? '')
    return [
      name,
      count(Number(charges)),
      money(effective),
      percent(effective, whole?.total_effective ?? '0'),
      money(billed),
      percent(billed, whole?.total_billed ?? '0'),
      currency,
    ]
  })
  return table(['value', 'charges', ...shareHeader], rows)
}

function describeOffenders({ offenders }: TagReport): string {
  return table(
    ['source', 'sub account', 'service', 'charges', 'effective', '% of its own', 'currency'],
    offenders.map((each) => [
      each.source,
      each.sub_account,
      each.service,
      count(Number(each.charges)),
      money(each.effective),
      percent(each.effective, each.total_effective),
      each.currency,
    ]),
  )
}

function describeSpellings({ keys, values }: TagReport): string[] {
  const families = new Map(keys.map((key) => [key.family, key.keys]))
  const several = [...families.values()].filter((spellings) => spellings.length > 1)
  const lines = [
    ...several.slice(0, 10).map((spellings) => `  key    ${spellings.map(quoted).join(', ')}`),
    ...values.slice(0, 15).map(({ spellings }) => `  value  ${spellings.map(quoted).join(', ')}`),
  ]
  return lines.length === 0 ? [] : [['Spelt in more than one way:', ...lines].join('\n')]
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function describeGate({ failUnder, passed, by }: TagReport): string[] {
  if (failUnder === undefined) return []
  return [
    passed
      ? `At least ${failUnder} % of EffectiveCost has a ${by} in every currency.`
      : `Less than ${failUnder} % of EffectiveCost has a ${by}.`,
  ]
}
