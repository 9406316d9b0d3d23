import { readdirSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { periodBounds, type Period } from '../../core/period.ts'

const data = fileURLToPath(new URL('data/', import.meta.url))

/** What is written, by name, folders included. */
export const allocationFiles: readonly string[] = [...readdirSync(data), 'telemetry']

/**
 * Writes the rules by which a company with bills of several clouds would allocate them, and the telemetry that they
 * ask for, into a folder; `allocation.yaml` is the file of rules. The same months give the same files.
 */
export async function writeAllocationRules(directory: string, months: readonly Period[]): Promise<void> {
  await mkdir(path.join(directory, 'telemetry', 'opencost'), { recursive: true })
  for (const file of readdirSync(data)) await copyFile(path.join(data, file), path.join(directory, file))
  const days = months.flatMap(daysOf)
  await writeFile(path.join(directory, 'telemetry', 'db-queries.csv'), queries(days.filter((day) => day !== silent)))
  for (const month of months) {
    const content = JSON.stringify({ code: 200, data: daysOf(month).map(clusterDay) }, null, 1)
    await writeFile(path.join(directory, 'telemetry', 'opencost', `${month}.json`), `${content}\n`)
  }
}

/** A day on which the database's statistics were lost, as they are now and then. */
const silent = '2026-10-18'

function daysOf(month: Period): string[] {
  const { start, end } = periodBounds(month)
  const count = (Date.parse(end) - Date.parse(start)) / 86_400_000
  return Array.from({ length: count }, (_, day) => `${month}-${String(day + 1).padStart(2, '0')}`)
}

/** Up and down around a level, the same for the same day. */
function wave(day: string, phase: number): number {
  const ordinal = Date.parse(day) / 86_400_000
  return ((ordinal * 7919 + phase * 104_729) % 1009) - 504
}

const tenants = { payments: 61_000_000, search: 38_000_000, data: 9_500_000, platform: 1_200_000 }

function queries(days: readonly string[]): string {
  const lines = days.flatMap((day) =>
    Object.entries(tenants).map(([team, level], at) => `${day},${team},${level + wave(day, at) * (level / 1000)}`),
  )
  return `day,team,queries\n${lines.join('\n')}\n`
}

/** What each namespace costs a day, in hundred-thousandths. */
const namespaces = {
  checkout: 402_113,
  indexer: 288_401,
  warehouse: 97_250,
  monitoring: 61_077,
  'kube-system': 44_390,
  __idle__: 251_600,
}

/** One set of OpenCost's allocation API: what each namespace used in a day. */
function clusterDay(day: string): Record<string, unknown> {
  const end = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
  const window = { start: `${day}T00:00:00Z`, end: `${end}T00:00:00Z` }
  const sets = Object.entries(namespaces).map(([name, level], at) => {
    const totalCost = (level + wave(day, at + 10) * Math.floor(level / 2000)) / 100_000
    return [
      name,
      { name, properties: { cluster: 'shop', namespace: name }, window, ...window, minutes: 1440, totalCost },
    ]
  })
  return Object.fromEntries(sets) as Record<string, unknown>
}
