import { toUnits } from './decimal.ts'

/** A part of a whole in percent with two decimals, cut rather than rounded, so that 84.999 is never shown as 85. */
export function percent(part: string, whole: string): string {
  const [share, all] = [toUnits(part), toUnits(whole)]
  if (all === 0n) return ''
  const hundredths = (share * 10_000n) / all
  const digits = (hundredths < 0n ? -hundredths : hundredths).toString().padStart(3, '0')
  return `${hundredths < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** A part against a percentage of the whole, all decimal text: below 0, 0 or above 0. Exact. */
export function comparePercent(part: string, whole: string, percentage: string): number {
  const difference = toUnits(part) * toUnits('100') - toUnits(whole) * toUnits(percentage)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
