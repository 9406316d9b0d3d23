import type { Validity } from './rule-set.ts'

/** Later than any day that is written, and text like one. */
const never = '9999-12-32'

export const always: Validity = { from: undefined, to: undefined }

export function overlap(a: Validity, b: Validity): boolean {
  return (a.from ?? '') < (b.to ?? never) && (b.from ?? '') < (a.to ?? never)
}

/** Whether `outer` holds on every day that `inner` does. */
export function covers(outer: Validity, inner: Validity): boolean {
  return (outer.from ?? '') <= (inner.from ?? '') && (inner.to ?? never) <= (outer.to ?? never)
}

/** `from 2026-04-01 until 2026-07-01`; `at any time` without both. */
export function describeValidity({ from, to }: Validity): string {
  const parts = [from === undefined ? [] : `from ${from}`, to === undefined ? [] : `until ${to}`].flat()
  return parts.join(' ') || 'at any time'
}

/** The stretches of time between the days on which something begins or ends, from the beginning to the end of time. */
export function stretches(validities: readonly Validity[]): Validity[] {
  const days = [...new Set(validities.flatMap(({ from, to }) => [from, to]).filter((day) => day !== undefined))]
  const bounds = [undefined, ...days.toSorted(), undefined]
  return bounds.slice(1).map((to, index) => ({ from: bounds[index], to }))
}
