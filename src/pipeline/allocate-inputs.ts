import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Config } from '../config/config.ts'
import type { Period } from '../core/period.ts'
import type { RuleSet } from '../transforms/allocation/rule-set.ts'
import { loadRuleSet } from '../transforms/allocation/rules.ts'
import type { RuleSetPrint } from './allocate-record.ts'
import type { UnitRecord } from './state.ts'
import { transformPrint } from './transform-print.ts'

/** The rules of a run, with what tells them from other ones. */
export interface Rules {
  readonly ruleSet: RuleSet
  readonly print: RuleSetPrint
  /** Of the engine: its SQL and the columns that it writes. */
  readonly engine: string
}

/** UserError with file and line for a mistake in the rules, the registry or a driver. */
export async function readRules(
  file: string,
  { focusVersion }: Pick<Config, 'focusVersion'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Rules> {
  const ruleSet = await loadRuleSet(file, env)
  const drivers: [string, string][] = []
  for (const { id, files } of ruleSet.drivers) drivers.push([id, await printOfFiles(files)])
  return {
    ruleSet,
    print: {
      file: ruleSet.file,
      print: ruleSet.print,
      rules: await printOfFiles([file]),
      drivers: Object.fromEntries(drivers),
    },
    engine: transformPrint(new URL('../transforms/allocation/', import.meta.url), focusVersion, {}),
  }
}

async function printOfFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex')
}

/**
 * Of everything that a month's allocation follows from. The rows of every source count, since weights by cost are
 * taken over all of them.
 */
export function fingerprintOf(period: Period, { ruleSet, engine }: Rules, units: readonly UnitRecord[]): string {
  const rows = units
    .toSorted((a, b) => (a.source < b.source ? -1 : 1))
    .map(({ source, version, partition }) => [source, version, partition.sha256])
  return createHash('sha256')
    .update(JSON.stringify([period, ruleSet.print, engine, rows]))
    .digest('hex')
}
