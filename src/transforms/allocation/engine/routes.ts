import type { Session } from '../../../core/duckdb.ts'
import type { RuleSet } from '../rule-set.ts'
import { cutOff } from './exact.ts'
import { loadRows } from './placement.ts'
import { entryRoute, onward, type Place, type Route, type Shares } from './route.ts'

/** The routes of a month, in memory and in the table `routes`. */
export interface RouteBook {
  readonly all: readonly Route[]
  enter(at: Place, rule: string | undefined): Route
  goOn(from: Route, split: Shares): Route[]
  /** Writes what is new since the last time. */
  save(session: Session): Promise<void>
}

export function openRouteBook(ruleSet: RuleSet): RouteBook {
  const all: Route[] = []
  let saved = 0
  const add = (route: Route): Route => {
    all.push(route)
    return route
  }
  return {
    all,
    enter: (at, rule) => add(entryRoute(all.length, at, rule)),
    goOn: (from, split) => split.shares.map((share) => add(onward(all.length, from, split, share))),
    async save(session) {
      const rows = all.slice(saved).map((route) => toRow(ruleSet, route, all))
      saved = all.length
      await loadRows(session, 'routes', rows)
    },
  }
}

function toRow(ruleSet: RuleSet, route: Route, all: readonly Route[]): object {
  const { at } = route
  const from = route.from === undefined ? undefined : all[route.from]
  return {
    route_id: route.id,
    from_route: route.from ?? null,
    from_pool: from?.at.kind === 'pool' ? from.at.pool : null,
    pool: at.kind === 'pool' ? at.pool : null,
    target: at.kind === 'target' ? at.target : at.kind === 'rest' ? at.owner : null,
    reason: at.kind === 'rest' ? at.reason : null,
    held: at.kind === 'rest' && at.held,
    rule: (route.from === undefined ? route.rules[0] : lastRule(route, from)) ?? null,
    driver: route.drivers.length > (from?.drivers.length ?? 0) ? (route.drivers.at(-1) ?? null) : null,
    fallback_used: route.fallback,
    pool_path: JSON.stringify(route.pools),
    rule_ids: JSON.stringify(route.rules),
    driver_ids: JSON.stringify(route.drivers),
    weight_numerator: String(route.weight),
    weight_denominator: String(route.total),
    ratio_numerator: String(route.ratio.numerator),
    ratio_denominator: String(route.ratio.denominator),
    ...method(ruleSet, route, from),
  }
}

/** The split that made the step, if a rule did. */
function lastRule(route: Route, from: Route | undefined): string | undefined {
  return route.rules.length > (from?.rules.length ?? 0) ? route.rules.at(-1) : undefined
}

/** FOCUS 1.3's columns of a split charge; null of a charge that is whole. */
function method(ruleSet: RuleSet, route: Route, from: Route | undefined): object {
  const rule = lastRule(route, from)
  if (route.from === undefined || rule === undefined) return { method_id: null, method_details: null }
  const usage =
    route.measure === undefined
      ? ''
      : `,"UsageUnit":${JSON.stringify(route.measure.unit)},"UsageQuantity":${route.measure.quantity}`
  return {
    method_id: `${rule}@${ruleSet.print.slice(0, 8)}`,
    method_details: `{"Elements":[{"AllocatedRatio":${cutOff(route.ratio)}${usage}}]}`,
  }
}
