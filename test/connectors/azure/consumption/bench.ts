import { readFile } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import { openScope, scopeOptions } from '../../../../src/connectors/azure/consumption/index.ts'
import type { BillingSource } from '../../../../src/connectors/connector.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { startFakeConsumption, type FakeOptions } from './fake-consumption.ts'

export const subscription = 'subscriptions/00000000-0000-0000-0000-000000000000'
export const enrollment = 'providers/Microsoft.Billing/billingAccounts/123456'
export const customerAgreement = 'providers/Microsoft.Billing/billingAccounts/1234:5678_2019-05-31/billingProfiles/ABCD'

/** A fake API and a source on it that never really waits; the clock stands at noon of a day that tests can set. */
export async function bench(options: Partial<FakeOptions> & { agreement?: 'legacy' | 'modern' } = {}) {
  const { scope = enrollment, agreement } = options
  const fake = await startFakeConsumption({ ...options, scope })
  onTestFinished(() => fake.close())
  const cache = temporaryFolder()
  const waits: number[] = []
  const clock = { today: '2025-02-03' }
  const notices: string[] = []
  const notice = (line: string) => void notices.push(line)
  const now = () => new Date(`${clock.today}T12:00:00Z`)
  const open = (signal?: AbortSignal, idleMs = 60_000): Promise<BillingSource> =>
    openScope(
      scopeOptions.parse({ scope: `/${scope}/`, agreement }),
      { cacheDirectory: cache, baseDirectory: '/', env: {}, signal, notice, now },
      {
        ...fake.access,
        tuning: {
          idleMs,
          retry: { attempts: 3, baseDelayMs: 1000, maxDelayMs: 60_000, longestWaitMs: 900_000 },
          sleep: async (ms) => void waits.push(ms),
          random: () => 0.5,
        },
      },
    )
  return { fake, cache, waits, notices, clock, open, source: await open() }
}

/** The text of an item. `cost` is as the API writes it. */
export function item(number: number, { kind = 'legacy', date = '2025-01-15', cost = '1.25' } = {}): string {
  return `{"id": "u${number}", "kind": "${kind}", "properties": {"date": "${date}T00:00:00.0000000Z", "cost": ${cost}}}`
}

export function items(count: number, more: Parameters<typeof item>[1] = {}): string[] {
  return Array.from({ length: count }, (_, number) => item(number, more))
}

/** The lines of each file that the source brings for a month. */
export async function linesOf(source: BillingSource, period = '2025-01'): Promise<Record<string, string[]>> {
  const files = await source.fetch(await source.delivery(period))
  const read = files.map(async ({ name, path }) => [name, (await readFile(path, 'utf8')).split('\n').slice(0, -1)])
  return Object.fromEntries(await Promise.all(read)) as Record<string, string[]>
}
