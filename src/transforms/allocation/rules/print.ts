import { createHash } from 'node:crypto'
import type { RuleSet } from '../rule-set.ts'

/**
 * SHA-256 over what decides where money goes: the compiled rules, the targets and what is in the drivers' files.
 * Comments, layout, the order of what has no order, file names, lines and limits do not count.
 */
export function printRuleSet(
  rules: Omit<RuleSet, 'print'>,
  driverHashes: ReadonlyMap<string, readonly string[]>,
): string {
  const { dimensions, targets, pools, drivers, assign, otherwise, splits } = rules
  const parts = {
    format: 1,
    dimensions,
    targets: byId(targets).toSorted(
      (a, b) => ascending(a.id, b.id) || ascending(a.valid.from ?? '', b.valid.from ?? ''),
    ),
    pools: byId(pools),
    drivers: byId(drivers).map((driver) => ({ ...driver, files: driverHashes.get(driver.id) })),
    assign,
    otherwise,
    splits: splits.toSorted((a, b) => ascending(a.id, b.id) || ascending(a.valid.from ?? '', b.valid.from ?? '')),
  }
  return createHash('sha256').update(canonical(parts)).digest('hex')
}

function byId<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => ascending(a.id, b.id))
}

function byKey(map: ReadonlyMap<unknown, unknown>): [string, unknown][] {
  return [...map].map(([key, part]): [string, unknown] => [String(key), part]).toSorted(([a], [b]) => ascending(a, b))
}

/** By code unit, whatever the language of the machine. */
function ascending(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Places and the wording of expressions, which change nothing. */
const beside = new Set(['line', 'text', 'keys', 'contact'])

/** JSON with sorted keys; maps are sorted lists of pairs, and what is undefined is left out. */
function canonical(value: unknown): string {
  if (value instanceof Map) return canonical(byKey(value))
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([key, part]) => part !== undefined && !beside.has(key))
    .toSorted(([a], [b]) => ascending(a, b))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`
}
