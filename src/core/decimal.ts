/** `1.2300` is `1.23` and `5.000` is `5`: decimals of one value are one text once this is done. */
export function trimZeros(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
}
