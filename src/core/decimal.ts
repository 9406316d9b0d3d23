/** `1.2300` is `1.23` and `5.000` is `5`: decimals of one value are one text once this is done. */
export function trimZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}

/** Decimals of an amount in the lake. */
const scale = 18

/** Exact decimal text of up to 18 decimals as a count of 10^-18, to calculate with. */
export function toUnits(decimal: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^([-+]?)(\d+)(?:\.(\d{1,18}))?$/.exec(decimal) ?? []
  if (whole === '') throw new RangeError(`not a decimal of at most ${scale} decimals: ${decimal}`)
  const units = BigInt(whole + fraction.padEnd(scale, '0'))
  return sign === '-' ? -units : units
}

/** The decimal text of a count of 10^-18, without trailing zeros. */
export function fromUnits(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  return trimZeros(`${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`)
}
