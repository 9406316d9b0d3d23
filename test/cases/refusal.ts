import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { SourceConfig } from '../../src/config/config.ts'
import { loadCase, placeInput } from './case.ts'
import { testLake, type RunOutcome, type TestLake } from './lake.ts'

/** The case of each provider that nothing is wrong with: it stands for the bill before, and for other sources. */
export const plainCase = 'plain-usage'

/** A lake in a folder of the running test's own, deleted when it ends. */
export function workspace(): { folder: string; lake: TestLake } {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-case-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, lake: testLake(folder) }
}

export interface Refusal extends RunOutcome {
  /** What readers saw of the source before the run, and what they see now. */
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
  /** What readers see of the run's other source, which nothing is wrong with. */
  readonly others: readonly string[]
}

/** Publishes a good bill, lets `spoil` put another in its place, and runs again beside a second source. */
export async function runSpoilt(
  provider: string,
  spoil: (location: string) => Promise<void> | void,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Refusal> {
  const { folder, lake } = workspace()
  const good = loadCase(provider, plainCase)
  const source = (name: string, more = {}): SourceConfig => ({
    name,
    connector: provider,
    options: { location: `./${name}`, ...more },
  })
  const location = path.join(folder, 'bill')
  await placeInput(good, location)
  await lake.run([source('bill')])
  const before = lake.published()

  rmSync(location, { recursive: true, force: true })
  await spoil(location)
  await placeInput(good, path.join(folder, 'other'))
  const outcome = await lake.run([source('bill', options), source('other')])
  const now = [...lake.published()]
  return {
    ...outcome,
    before,
    after: new Map(now.filter(([file]) => file.includes('/source=bill/'))),
    others: now.map(([file]) => file).filter((file) => !file.includes('/source=bill/')),
  }
}
