import { toUnits, trimZeros } from '../../core/decimal.ts'

/** Amounts before they are rounded are counts of 10^-36: one of the ledger times a rate has as many decimals. */
const exactScale = 36

/** A ledger amount, converted by a rate: the exact product. Both decimal text of up to 18 decimals. */
export function convert(amount: string, rate: string): bigint {
  return toUnits(amount) * toUnits(rate)
}

/** The exact amount that a decimal text of up to 36 decimals is. */
export function exactOfText(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const count = BigInt(whole + fraction.padEnd(exactScale, '0'))
  return text.startsWith('-') ? -count : count
}

export function exactText(exact: bigint): string {
  return trimZeros(decimalText(exact, exactScale))
}

/** Decimals of a currency, as ISO 4217 has them: 2 for EUR, 0 for JPY. */
export function decimalsOf(currency: string): number {
  const known = decimalsByCurrency.get(currency)
  if (known !== undefined) return known
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2
  decimalsByCurrency.set(currency, decimals)
  return decimals
}

/** To ask Intl takes longer than to write a cell. */
const decimalsByCurrency = new Map<string, number>()

/** One minor unit of a currency, such as a cent, as an exact amount. */
export function minorUnit(currency: string): bigint {
  return 10n ** BigInt(exactScale - decimalsOf(currency))
}

/** A count of minor units as decimal text: `125000` cents are `1250.00`. */
export function amountText(minor: bigint, currency: string): string {
  return decimalText(minor, decimalsOf(currency))
}

/** The count of minor units that a decimal text is; it has no more decimals than the currency. */
export function minorOf(amount: string, currency: string): bigint {
  const unit = 10n ** BigInt(18 - decimalsOf(currency))
  const units = toUnits(amount)
  if (units % unit !== 0n) throw new RangeError(`${amount} has more decimals than ${currency}`)
  return units / unit
}

/** A part of a whole in percent, rounded half away from zero; null of nothing. */
export function percentText(part: bigint, whole: bigint, decimals: number): string | null {
  if (whole === 0n) return null
  const [numerator, denominator] = whole < 0n ? [-part, -whole] : [part, whole]
  const scaled = (numerator < 0n ? -numerator : numerator) * 100n * 10n ** BigInt(decimals)
  const rounded = (scaled * 2n + denominator) / (denominator * 2n)
  return decimalText(numerator < 0n ? -rounded : rounded, decimals)
}

function decimalText(count: bigint, decimals: number): string {
  const digits = (count < 0n ? -count : count).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  return `${count < 0n ? '-' : ''}${whole}${decimals === 0 ? '' : `.${digits.slice(-decimals)}`}`
}
