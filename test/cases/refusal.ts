import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import type { SourceConfig } from '../../src/config/config.ts'
import { loadCase, placeInput } from './case.ts'
import { testLake, type RunOutcome, type TestLake } from './lake.ts'

/** The case of each provider that nothing is wrong with: it stands for the bill before, and for other sources. */
export const plainCase = 'plain-usage'

const newFolder = () => realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-case-')))

/** A lake in a folder of the running test's own, deleted when it ends. */
export function workspace(): { folder: string; lake: TestLake } {
  const folder = newFolder()
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

/** Folders whose lake holds the good bill, published once for each provider. */
const goodLakes = new Map<string, Promise<string>>()
afterAll(async () => {
  for (const folder of await Promise.all(goodLakes.values())) rmSync(folder, { recursive: true, force: true })
})

async function publishGood(provider: string): Promise<string> {
  const folder = newFolder()
  await placeInput(loadCase(provider, plainCase), path.join(folder, 'bill'))
  await testLake(folder).run([source(provider, 'bill')])
  return folder
}

const source = (provider: string, name: string, more = {}): SourceConfig => ({
  name,
  connector: provider,
  options: { location: `./${name}`, ...more },
})

/** Publishes a good bill, lets `spoil` put another in its place, and runs again beside a second source. */
export async function runSpoilt(
  provider: string,
  spoil: (location: string) => Promise<void> | void,
  options: Readonly<Record<string, unknown>> = {},
): Promise<Refusal> {
  const { folder, lake } = workspace()
  const good = goodLakes.get(provider) ?? publishGood(provider)
  goodLakes.set(provider, good)
  cpSync(path.join(await good, 'lake'), path.join(folder, 'lake'), { recursive: true })
  const before = lake.published()

  await spoil(path.join(folder, 'bill'))
  await placeInput(loadCase(provider, plainCase), path.join(folder, 'other'))
  const outcome = await lake.run([source(provider, 'bill', options), source(provider, 'other')])
  const now = [...lake.published()]
  return {
    ...outcome,
    before,
    after: new Map(now.filter(([file]) => file.includes('/source=bill/'))),
    others: now.map(([file]) => file).filter((file) => !file.includes('/source=bill/')),
  }
}
