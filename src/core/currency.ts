import { readSchemaFile } from './focus.ts'

const codes = new Set((readSchemaFile('currencies.json') as { readonly codes: readonly string[] }).codes)

/** Whether a code is that of a currency that countries bill in, by ISO 4217: `EUR`, in capitals. */
export function isCurrency(code: string): boolean {
  return codes.has(code)
}
