import { mistakeAt, type Source } from './syntax.ts'

export interface Token {
  readonly kind: 'name' | 'keyword' | 'text' | 'number' | 'sign' | 'end'
  /** Keywords in capitals; texts without their quotes; names as written. */
  readonly value: string
  readonly at: number
}

const keywords = new Set('AND OR NOT IN IS NULL LIKE BETWEEN TRUE FALSE DATE TIMESTAMP'.split(' '))

export function isKeyword(name: string): boolean {
  return keywords.has(name.toUpperCase())
}

const blank = /\s*/y
const token =
  /(?<name>[A-Za-z_][A-Za-z0-9_]*)|'(?<text>(?:[^']|'')*)'|(?<number>\d+(?:\.\d+)?)|(?<sign><=|>=|<>|!=|[=<>()[\],-])/y

/** The tokens of a text, with one of kind `end` last. */
export function tokenize(source: Source): Token[] {
  const tokens: Token[] = []
  const { text } = source
  let at = skip(text, 0)
  while (at < text.length) {
    token.lastIndex = at
    const match = token.exec(text)
    if (match === null) throw unreadable(source, at)
    tokens.push(tokenOf(match, source))
    at = skip(text, token.lastIndex)
  }
  return [...tokens, { kind: 'end', value: '', at: text.length }]
}

function skip(text: string, from: number): number {
  blank.lastIndex = from
  blank.exec(text)
  return blank.lastIndex
}

function tokenOf({ groups = {}, index: at }: RegExpExecArray, source: Source): Token {
  const { name, text, number, sign } = groups
  if (name !== undefined && isKeyword(name)) return { kind: 'keyword', value: name.toUpperCase(), at }
  if (name !== undefined) return { kind: 'name', value: name, at }
  if (number !== undefined) return { kind: 'number', value: number, at }
  if (sign !== undefined) return { kind: 'sign', value: sign === '!=' ? '<>' : sign, at }
  return { kind: 'text', value: plainText(text ?? '', at, source), at }
}

/** No provider writes control characters, and not every tool on the way keeps them. */
function plainText(quoted: string, at: number, source: Source): string {
  if (/\p{Cc}|\p{Cs}/u.test(quoted)) {
    throw mistakeAt(source, at, 'a text holds a control character', 'Write the text on one line, without tabs.')
  }
  return quoted.replaceAll("''", "'")
}

function unreadable(source: Source, at: number) {
  const character = String.fromCodePoint(source.text.codePointAt(at) ?? 0)
  if (character === "'") {
    return mistakeAt(source, at, 'a text has no closing quote', "Close it with '; a quote within is written twice.")
  }
  if (character === '"') {
    return mistakeAt(source, at, 'a text is in double quotes', "Write 'text' in single quotes, and names without.")
  }
  return mistakeAt(
    source,
    at,
    `${JSON.stringify(character)} means nothing here`,
    'docs/allocation.md lists what an expression may hold.',
  )
}
