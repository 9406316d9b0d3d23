import type { Session } from '../../core/duckdb.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { UserError } from '../../core/errors.ts'
import { percent } from '../../core/percent.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import { count, money } from '../table.ts'
import { drawTree, type Branch } from './tree.ts'
import { describePlacing, stepsOf } from './way.ts'

/** Cost that came to a target in one way: by the same rules through the same pools, for the same reason. */
export interface Way {
  readonly currency: string
  readonly pools: readonly string[]
  readonly rules: readonly string[]
  readonly drivers: readonly string[]
  readonly reason: string | null
  readonly fallback: boolean
  readonly charges: string
  readonly billed: string
  readonly effective: string
  /** The share of the last step; null where it changed from day to day. */
  readonly weight: string | null
  readonly weights: string | null
  /** What all targets got in this way. */
  readonly way_effective: string
  readonly origins: readonly Origin[]
}

interface Origin {
  readonly source: string
  readonly sub_account: string
  readonly service: string
  readonly charges: string
  readonly billed: string
  readonly effective: string
  /** The x_OriginRow of one of them. */
  readonly first_row: string
}

type Grouped = Pick<Way, 'currency' | 'reason' | 'fallback'> & { readonly pools: string; readonly rules: string }

/** Every way that cost came to a target in a month. UserError when none did. */
export async function waysTo(session: Session, target: string, period: Period): Promise<Way[]> {
  const values = { period, target }
  const ways = await session.rows<Grouped & Omit<Way, keyof Grouped | 'drivers' | 'origins'> & { drivers: string }>(
    readBeside(import.meta.url, 'explain-target.sql'),
    values,
  )
  if (ways.length === 0) throw await nothingOwed(session, target, period)
  const origins = await session.rows<Grouped & Origin>(readBeside(import.meta.url, 'explain-origins.sql'), values)
  const byWay = Map.groupBy(origins, wayKey)
  return ways.map((way) => ({
    ...way,
    pools: JSON.parse(way.pools) as string[],
    rules: JSON.parse(way.rules) as string[],
    drivers: JSON.parse(way.drivers) as string[],
    origins: (byWay.get(wayKey(way)) ?? []).map(
      ({ source, sub_account, service, charges, billed, effective, first_row }) => ({
        source,
        sub_account,
        service,
        charges,
        billed,
        effective,
        first_row,
      }),
    ),
  }))
}

function wayKey({ currency, pools, rules, reason, fallback }: Grouped): string {
  return JSON.stringify([currency, pools, rules, reason, fallback])
}

async function nothingOwed(session: Session, target: string, period: Period): Promise<UserError> {
  const known = await session.rows<{ target: string }>(
    'SELECT DISTINCT x_Target AS target FROM allocated WHERE billing_period = $period ORDER BY target',
    { period },
  )
  return new UserError(`nothing of ${period} is allocated to "${target}"`, {
    hint:
      known.length === 0
        ? `Nothing of ${period} is allocated at all: run \`focal allocate\`.`
        : `The targets are ${known.map((row) => row.target).join(', ')}.`,
  })
}

/** The tree from the total of each currency down to the charges; `shown` origins of each way. */
export function describeWays(target: string, period: Period, ways: readonly Way[], shown = 5): string {
  const currencies = [...Map.groupBy(ways, ({ currency }) => currency)]
  return currencies
    .map(([currency, own]) => {
      const total = fromUnits(own.reduce((sum, { effective }) => sum + toUnits(effective), 0n))
      return drawTree({
        line: `${target} ${period}: ${money(total)} ${currency} effective`,
        children: own.map((way) => wayBranch(way, total, shown)),
      })
    })
    .join('\n\n')
}

function wayBranch(way: Way, total: string, shown: number): Branch {
  const { origins } = way
  const hidden = origins.length - shown
  const children = origins.slice(0, shown).map(originBranch)
  const rest = { line: `… and ${hidden} more services and sub accounts`, children: [] }
  return {
    line: `${money(way.effective)}  ${percent(way.effective, total)} %  ${describeWay(way)}`,
    children: hidden > 0 ? [...children, rest] : children,
  }
}

function describeWay(way: Way): string {
  const { pools, rules, drivers, reason, fallback, effective, way_effective: all, weight, weights } = way
  const steps = stepsOf(pools, rules, reason !== null && weight === weights)
  const divided = pools.map((pool, at) => (steps.splits[at] === undefined ? pool : `${pool} by ${steps.splits[at]}`))
  const fraction = `${weight}/${weights}`
  return [
    pools.length === 0
      ? `directly by ${describePlacing(steps)}`
      : `from pool ${divided.join(', then pool ')}, placed there by ${describePlacing(steps)}`,
    ...(pools.length === 0 || effective === all ? [] : [`${percent(effective, all)} % of ${money(all)}`]),
    // A fraction that nobody reads is left to --json.
    ...(weight === null || weight === weights || fraction.length > 30 ? [] : [`share ${fraction}`]),
    ...(drivers.length > 0 ? [`driver ${drivers.join(', ')}`] : []),
    ...(fallback ? ['a fallback was used'] : []),
    ...(reason === null ? [] : [`reason: ${reason}`]),
  ].join('; ')
}

function originBranch({ source, sub_account, service, charges, effective, first_row }: Origin): Branch {
  const account = sub_account === '' ? '' : ` ${sub_account}`
  return {
    line: `${money(effective)}  ${source}${account}, ${service}: ${charges === '1' ? '1 charge' : `${count(Number(charges))} charges`}, such as --charge ${source}:${first_row}`,
    children: [],
  }
}
