import { UserError } from '../../../core/errors.ts'
import type { YamlFile } from '../../../core/yaml.ts'
import type { Scope } from '../expression/check.ts'
import type { Source } from '../expression/syntax.ts'
import type { AllocationFile } from './file-format.ts'
import { nearest } from '../../../core/nearest.ts'
import type { Dimension, Receiver, Target, Validity } from '../rule-set.ts'

type Path = readonly (string | number)[]

/** The file as written, and where its parts are for errors. */
export interface Draft {
  readonly written: AllocationFile
  readonly whereIs: YamlFile<AllocationFile>['whereIs']
  /** A path relative to the file, made absolute. */
  readonly resolve: (path: string) => string
}

/** What rules can name, known once targets and dimensions are read. */
export interface Names {
  /** Entries of each id. */
  readonly targets: ReadonlyMap<string, readonly Target[]>
  readonly pools: ReadonlySet<string>
  readonly drivers: ReadonlySet<string>
  readonly dimensions: ReadonlyMap<string, Dimension>
  /** Columns and dimensions for expressions. */
  readonly scope: Scope
}

export function lineOf({ whereIs }: Draft, path: Path): number {
  return whereIs(path).line ?? 1
}

export function mistake({ whereIs }: Draft, path: Path, what: string, hint: string): UserError {
  return new UserError(what, { where: whereIs(path), hint })
}

/** The expression at a path, with its place. */
export function sourceAt({ whereIs }: Draft, path: Path, text: string): Source {
  return { text, whereIs: (offset) => whereIs(path, offset) }
}

export function toValidity(
  valid: { readonly from?: string | undefined; readonly to?: string | undefined } = {},
): Validity {
  return { from: valid.from, to: valid.to }
}

export function requireTarget(draft: Draft, { targets }: Names, id: string, path: Path): void {
  if (!targets.has(id)) throw unknown(draft, path, 'target', id, [...targets.keys()])
}

export function requirePool(draft: Draft, { pools }: Names, id: string, path: Path): void {
  if (!pools.has(id)) throw unknown(draft, path, 'pool', id, [...pools])
}

export function requireDriver(draft: Draft, { drivers }: Names, id: string, path: Path): void {
  if (!drivers.has(id)) throw unknown(draft, path, 'driver', id, [...drivers])
}

/** A target or a pool; no id is both. */
export function toReceiver(draft: Draft, { targets, pools }: Names, id: string, path: Path): Receiver {
  if (targets.has(id)) return { target: id }
  if (pools.has(id)) return { pool: id }
  throw unknown(draft, path, 'target or pool', id, [...targets.keys(), ...pools])
}

export function unknown(draft: Draft, path: Path, kind: string, id: string, known: readonly string[]): UserError {
  const near = nearest(id, known)
  const list =
    known.length === 0
      ? 'There is none yet.'
      : `There are ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}.`
  return mistake(
    draft,
    path,
    `there is no ${kind} ${id}`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : list,
  )
}
