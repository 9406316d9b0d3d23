/**
 * An amount as people write it into a file: `1234.5`, `-20`. Plain decimal text, or undefined for anything else: thousands
 * separators, a comma for the point, an exponent, more than 18 decimals or more than 20 digits before the point.
 */
export function readAmount(text: string): string | undefined {
  return /^-?\d{1,20}(\.\d{1,18})?$/.test(text) ? text : undefined
}

/**
 * The amount that an unquoted number of a YAML file is: the shortest decimal text of the double that it was read as.
 * undefined beyond 15 digits, which a double may not hold.
 */
export function amountOfNumber(value: number): string | undefined {
  const text = String(value)
  return text.replaceAll(/\D/g, '').length <= 15 ? readAmount(text) : undefined
}
