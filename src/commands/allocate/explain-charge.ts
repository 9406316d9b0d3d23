import type { Session } from '../../core/duckdb.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import { money } from '../table.ts'
import { drawTree, type Branch } from './tree.ts'
import { describePlacing, stepsOf } from './way.ts'

/** A part of a charge, with the way it took. */
export interface ChargePart {
  readonly target: string
  readonly target_name: string | null
  readonly pools: readonly string[]
  readonly rules: readonly string[]
  readonly drivers: readonly string[]
  readonly reason: string | null
  readonly fallback: boolean
  readonly weight: string | null
  readonly weights: string | null
  readonly ratio: string | null
  readonly ratios: string | null
  readonly currency: string
  readonly billed: string
  readonly effective: string
  readonly service: string
  readonly sub_account: string
  readonly resource: string | null
  readonly description: string | null
  readonly tags: string | null
  readonly charge_period_start: string
}

/** Reads `payer:412`; a UserError says how a charge is named. */
export function parseCharge(text: string): { source: string; row: string } {
  const [, source = '', row = ''] = /^(.+):(\d+)$/.exec(text) ?? []
  if (source !== '') return { source, row }
  throw new UserError(`"${text}" does not name a charge`, {
    hint: 'Write the source and the x_OriginRow of the charge, such as payer:412.',
  })
}

export async function partsOf(session: Session, charge: string, period: Period): Promise<ChargePart[]> {
  const { source, row } = parseCharge(charge)
  const parts = await session.rows<
    Omit<ChargePart, 'pools' | 'rules' | 'drivers'> & { pools: string; rules: string; drivers: string }
  >(readBeside(import.meta.url, 'explain-charge.sql'), { period, source, row: BigInt(row) })
  if (parts.length === 0) {
    throw new UserError(`${source} has no charge ${row} in ${period}`, {
      hint: 'Rows count from 0; `focal query "SELECT source, x_OriginRow FROM allocated"` lists them.',
    })
  }
  return parts.map((part) => ({
    ...part,
    pools: JSON.parse(part.pools) as string[],
    rules: JSON.parse(part.rules) as string[],
    drivers: JSON.parse(part.drivers) as string[],
  }))
}

/** The charge, and under it every step down to who owes; at each step the amounts sum to the one above. */
export function describeCharge(charge: string, period: Period, parts: readonly ChargePart[]): string {
  const [first] = parts
  if (first === undefined) return ''
  const facts = [
    `${charge} of ${period}: ${first.description ?? first.service}`,
    `  ${[first.service, first.sub_account, first.resource].filter(Boolean).join(', ')}, ${first.charge_period_start}`,
    `  tags ${first.tags ?? 'none'}`,
  ]
  return [
    ...facts,
    '',
    drawTree({ line: `${sumOf(parts)} ${first.currency} effective`, children: stepsFrom(parts, 0) }),
  ].join('\n')
}

function sumOf(parts: readonly ChargePart[]): string {
  return money(fromUnits(parts.reduce((sum, { effective }) => sum + toUnits(effective), 0n)))
}

function stepsFrom(parts: readonly ChargePart[], depth: number): Branch[] {
  const ways = Map.groupBy(parts, (part) => JSON.stringify([ruleAt(part, depth), part.pools[depth]]))
  return [...ways.values()].flatMap((group): Branch[] => {
    const [first] = group
    const pool = first?.pools[depth]
    if (first === undefined || pool === undefined) return group.map((part) => arrival(part, depth))
    return [
      { line: `${sumOf(group)} to pool ${pool} by ${ruleAt(first, depth)}`, children: stepsFrom(group, depth + 1) },
    ]
  })
}

/** The rule that brought the part to its step `depth`. */
function ruleAt({ pools, rules, reason, weight, weights }: ChargePart, depth: number): string {
  const steps = stepsOf(pools, rules, reason !== null && weight === weights)
  return depth === 0 ? describePlacing(steps) : (steps.splits[depth - 1] ?? 'no split')
}

function arrival(part: ChargePart, depth: number): Branch {
  const { target, target_name: name, effective, pools, weight, weights, drivers, reason, fallback } = part
  const who = name === null || name === target ? target : `${target} (${name})`
  const rests = reason !== null && weight === weights && pools.length > 0
  const line = [
    rests
      ? `${money(effective)} rests with its owner ${who}`
      : `${money(effective)} to ${who} by ${ruleAt(part, depth)}`,
    ...(weight === weights ? [] : [`share ${weight}/${weights}`]),
    ...(depth > 0 && drivers.length > 0 ? [`driver ${drivers.join(', ')}`] : []),
    ...(fallback ? ['a fallback was used'] : []),
    ...(reason === null ? [] : [`reason: ${reason}`]),
  ]
  return { line: line.join('; '), children: [] }
}
