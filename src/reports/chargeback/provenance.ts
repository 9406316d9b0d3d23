import type { Chargeback } from './model.ts'

/** What the report follows from, in one line under each page. */
export function provenance({ runId, ruleSet, asOf, chargeOn, rates, state }: Chargeback): string {
  const converted = rates.map(
    ({ from, to, rate, period, source }) => `1 ${from} = ${rate} ${to} in ${period} (${source})`,
  )
  return [
    `Charged on ${chargeOn}, amounts rounded from the total downwards.`,
    `State: ${state}.`,
    `Allocated ${asOf.replace('T', ' ').slice(0, 16)} UTC by the rules ${ruleSet.slice(0, 12)}, run ${runId.slice(0, 12)}.`,
    ...(converted.length === 0 ? [] : [`${converted.join('; ')}.`]),
    'Not a tax invoice.',
  ].join(' ')
}
