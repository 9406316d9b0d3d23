import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { describeError, UserError } from '../../../../src/core/errors.ts'
import type { RuleSet } from '../../../../src/transforms/allocation/rule-set.ts'
import { loadRuleSet } from '../../../../src/transforms/allocation/rules.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'

/** Ten lines that any rules need; what a test adds begins at line 11. */
export const start = `version: 1
targets:
  - { id: payments, costCentre: CC-1 }
  - { id: search, parent: product }
  - { id: product }
  - { id: platform, mode: central }
  - { id: legacy, valid: { to: 2026-07-01 } }
  - { id: spare, valid: { from: 2026-04-01 } }
default: { pool: rest }
# What the test writes begins below.
`

/** The parts that a test does not write itself. */
const parts = {
  assign: 'assign: []\n',
  pools:
    'pools: { rest: { owner: platform, reason: unallocated }, a: { owner: platform }, b: { owner: platform }, c: { owner: platform } }\n',
}

/** Rules with `text` from line 11 on, and files beside them. */
export async function loadWritten(text: string, files: Readonly<Record<string, string>> = {}): Promise<RuleSet> {
  const missing = Object.entries(parts).flatMap(([key, part]) => (new RegExp(`^${key}:`, 'm').test(text) ? [] : part))
  return loadWhole(`${start}${text}${missing.join('')}`, files)
}

export async function loadWhole(text: string, files: Readonly<Record<string, string>> = {}): Promise<RuleSet> {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries({ ...files, 'allocation.yaml': text })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
  return loadRuleSet(path.join(folder, 'allocation.yaml'), {})
}

/** The error as people read it, without the folder of the test. */
export async function mistakeIn(loading: Promise<unknown>): Promise<string> {
  const error: unknown = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UserError)
  return describeError(error).replaceAll(/\/\S+\/allocation\.yaml/g, 'allocation.yaml')
}
