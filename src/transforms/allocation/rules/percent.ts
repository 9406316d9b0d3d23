import { fromUnits, toUnits, trimZeros } from '../../../core/decimal.ts'

/**
 * A percentage of 0 or more as plain decimal text; undefined when it is none. A number of YAML has gone through a
 * double, which keeps 15 digits; more must be written as text.
 */
export function percentText(written: number | string): string | undefined {
  const text = String(written)
  if (!/^\d{1,9}(\.\d{1,16})?$/.test(text)) return undefined
  if (typeof written === 'number' && text.replace('.', '').length > 15) return undefined
  return trimZeros(text)
}

/** As a fraction of 1: `95` gives `0.95`. Exact, since a percentage leaves room for two more decimals. */
export function fractionOf(percent: string): string {
  return fromUnits(toUnits(percent) / 100n)
}
