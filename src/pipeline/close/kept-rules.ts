import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { RetryableError } from '../../core/errors.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Driver, RuleSet } from '../../transforms/allocation/rule-set.ts'
import type { Rules } from '../allocate-inputs.ts'
import type { KeptFile, RulesInForce } from './events.ts'

/**
 * The rules of a closed month, kept with their drivers in `_focal/rules/<print>/`: what the provider restates later is
 * allocated by the rules of then, whatever the file of rules says by now.
 */
export async function keepRules(lake: Sink, { ruleSet, print }: Rules): Promise<RulesInForce> {
  const folder = `_focal/rules/${ruleSet.print}`
  const drivers: Driver[] = []
  for (const driver of ruleSet.drivers) {
    const files: string[] = []
    for (const [at, file] of driver.files.entries()) {
      const name = `${folder}/${driver.id.replaceAll(/[^\w.-]+/g, '-')}/${at}-${path.basename(file)}`
      await lake.writeFile(name, await readFile(file))
      files.push(name)
    }
    drivers.push({ ...driver, files })
  }
  const kept = { ...ruleSet, file: path.basename(ruleSet.file), drivers }
  const name = `${folder}/rules.json`
  return {
    print: ruleSet.print,
    rules: print.rules,
    drivers: print.drivers,
    file: await keepFile(lake, name, `${JSON.stringify(kept, mapsAsPairs, 1)}\n`),
  }
}

/** RetryableError when a file of the rules is gone. */
export async function restoreRules(lake: Sink, { file }: Pick<RulesInForce, 'file'>): Promise<RuleSet> {
  const ruleSet = await readKeptRules(lake, file.path)
  const drivers: Driver[] = []
  for (const driver of ruleSet.drivers) {
    const found = await lake.readable(driver.files)
    drivers.push({ ...driver, files: found.map((one, at) => one ?? gone(driver.files[at] ?? '')) })
  }
  return { ...ruleSet, drivers }
}

/** With the drivers' files as they are named in the lake. */
export async function readKeptRules(lake: Sink, file: string): Promise<RuleSet> {
  const content = await lake.readFile(file)
  return content === undefined ? gone(file) : (JSON.parse(content.toString('utf8'), pairsAsMaps) as RuleSet)
}

function gone(file: string): never {
  throw new RetryableError('the rules that a closed month was booked by are missing from the lake', {
    where: { file },
    hint: 'Bring the file back from a backup: corrections of the month follow these rules.',
  })
}

/** Writes a file of the lake, and says what was written. */
export async function keepFile(lake: Sink, name: string, content: string | Uint8Array): Promise<KeptFile> {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  await lake.writeFile(name, bytes)
  return { path: name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

const mapsAsPairs = (_key: string, value: unknown): unknown => (value instanceof Map ? { map: [...value] } : value)

function pairsAsMaps(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'map') return value
  const { map } = value as { map: unknown }
  return Array.isArray(map) ? new Map(map as [unknown, unknown][]) : value
}
