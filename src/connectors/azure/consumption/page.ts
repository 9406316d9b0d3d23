import { hash } from 'node:crypto'

/** One page of usage details, ready to be written. */
export interface Page {
  /** Each item of `value[]` as one line of JSON, every number of it a string with the number as the API wrote it. */
  readonly lines: readonly string[]
  /** `properties.date` of each, as far as it is there. */
  readonly dates: readonly (string | undefined)[]
  readonly nextLink: string | undefined
  /** `legacy` or `modern`, as the first item says; undefined on an empty page. */
  readonly kind: string | undefined
}

/** A reviver also gets the text that a value was written as (ECMAScript proposal "JSON.parse source text access"). */
type ParseWithSource = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown

interface Item {
  readonly kind?: unknown
  readonly properties?: { readonly date?: unknown } | null
}

/** `undefined` when the text is no page: a web page, an error, or JSON that was cut off. */
export function readPage(text: string): Page | undefined {
  const body = parse(text)
  if (body === undefined || !Array.isArray(body.value)) return undefined
  const items = body.value as Item[]
  const kind = items[0]?.kind
  return {
    lines: items.map((item) => `${JSON.stringify(item)}\n`),
    dates: items.map(({ properties }) => (typeof properties?.date === 'string' ? properties.date : undefined)),
    nextLink: typeof body.nextLink === 'string' && body.nextLink !== '' ? body.nextLink : undefined,
    kind: typeof kind === 'string' ? kind : undefined,
  }
}

function parse(text: string): { value?: unknown; nextLink?: unknown } | undefined {
  try {
    const body = (JSON.parse as ParseWithSource)(text, (_key, value, { source }) =>
      typeof value === 'number' ? source : value,
    )
    return typeof body === 'object' && body !== null ? body : undefined
  } catch {
    return undefined
  }
}

/**
 * A digest of rows without regard to their order: the sum of their SHA-256, modulo 2^256. Start with 0n. Rows that
 * occur twice count twice.
 */
export function addToDigest(digest: bigint, lines: readonly string[]): bigint {
  return lines.reduce((sum, line) => BigInt.asUintN(256, sum + BigInt(`0x${hash('sha256', line)}`)), digest)
}

/** 64 hexadecimal digits. */
export function digestText(digest: bigint): string {
  return digest.toString(16).padStart(64, '0')
}
