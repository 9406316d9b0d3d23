import { mistake, type Draft, type Names } from './draft.ts'
import type { Validity } from '../rule-set.ts'
import { describeValidity, overlap } from '../validity.ts'

/**
 * A rule must not outlive the target it names, nor name one that was never there with it. Days before the target's first
 * are not held against a rule without a first day: charges of that time are judged one by one.
 */
export function requireOnDates(
  draft: Draft,
  { targets }: Names,
  id: string,
  valid: Validity,
  path: readonly (string | number)[],
  who: string,
): void {
  const entries = (targets.get(id) ?? []).map((target) => target.valid)
  const met = entries.filter((entry) => overlap(entry, valid))
  const last = met.some(({ to }) => to === undefined)
    ? undefined
    : met
        .map(({ to }) => to ?? '')
        .toSorted()
        .at(-1)
  const first = met.some(({ from }) => from === undefined) ? undefined : met.map(({ from }) => from ?? '').toSorted()[0]
  if (met.length === 0) {
    const there = entries.map(describeValidity).join(' and ')
    throw mistake(
      draft,
      path,
      `${who} names the target ${id} outside its dates: it is there ${there}`,
      'Mend the dates of one of them.',
    )
  }
  if (last !== undefined && (valid.to === undefined || valid.to > last)) {
    const hint = `End it with valid: { to: ${last} } and say who follows, or mend the target's dates.`
    throw mistake(draft, path, `${who} names the target ${id} beyond its end on ${last}`, hint)
  }
  if (first !== undefined && valid.from !== undefined && valid.from < first) {
    const hint = `Begin it with valid: { from: ${first} }, or mend the target's dates.`
    throw mistake(draft, path, `${who} names the target ${id} before its beginning on ${first}`, hint)
  }
}
