import { UserError, type Where } from '../../../core/errors.ts'

/** The tree of an expression. `at` is the offset of its first character in the text. */
export type Node = { readonly at: number } & (
  | { readonly kind: 'text'; readonly value: string }
  /** Plain decimal text, with its sign. */
  | { readonly kind: 'number'; readonly value: string }
  /** ISO day, or ISO day and time in UTC. */
  | { readonly kind: 'time'; readonly value: string }
  | { readonly kind: 'truth'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'name'; readonly name: string }
  /** One key of a JSON column: `Tags['team']`. */
  | { readonly kind: 'key'; readonly column: string; readonly key: string }
  | { readonly kind: 'call'; readonly name: string; readonly inputs: readonly Node[] }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Node; readonly right: Node }
  | { readonly kind: 'in'; readonly value: Node; readonly list: readonly Node[] }
  | { readonly kind: 'like'; readonly value: Node; readonly pattern: Node }
  | { readonly kind: 'between'; readonly value: Node; readonly low: Node; readonly high: Node }
  | { readonly kind: 'isNull'; readonly value: Node }
  | { readonly kind: 'not'; readonly part: Node }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Node[] }
  /** The value unless it is blank: of a dimension, which no text can write either. */
  | { readonly kind: 'filled'; readonly value: Node }
  | Lookup
)

/** What no text can write, but a dimension is made of: the first table that knows the value, or else another value. */
export interface Lookup {
  readonly kind: 'lookup'
  readonly value: Node
  readonly tables: readonly LookupTable[]
  readonly otherwise: Node
}

export interface LookupTable {
  readonly pairs: ReadonlyMap<string, string>
  /** Holds only for these; undefined always. */
  readonly when: Node | undefined
}

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

/** A text to compile, and where its characters are for people. */
export interface Source {
  readonly text: string
  readonly whereIs: (offset: number) => Where
}

export function mistakeAt(source: Source, offset: number, what: string, hint: string): UserError {
  return new UserError(what, { where: source.whereIs(offset), hint })
}
