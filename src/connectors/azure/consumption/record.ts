import { createHash } from 'node:crypto'
import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Period } from '../../../core/period.ts'
import type { Delivery } from '../../connector.ts'
import type { LastAsked } from './days.ts'
import { readJson, writeJson } from './files.ts'
import type { MetricReading } from './month.ts'

/** The last complete reading of a month. Its files lie in a folder that has the day's name. */
export interface MonthRecord extends LastAsked {
  readonly period: Period
  readonly metrics: readonly MetricReading[]
}

const recordName = 'reading.json'

/** `undefined` when there is none, or its files are not there any more. */
export async function readRecord(folder: string): Promise<MonthRecord | undefined> {
  const record = await readJson<MonthRecord>(path.join(folder, recordName))
  if (record === undefined) return undefined
  for (const { file, bytes } of record.metrics) {
    const found = await stat(path.join(folder, record.readOn, file)).catch(() => undefined)
    if (found?.size !== bytes) return undefined
  }
  return record
}

/** From here on this is the month's reading; those of other days go. */
export async function writeRecord(folder: string, record: MonthRecord): Promise<void> {
  await writeJson(path.join(folder, recordName), record)
  for (const entry of await readdir(folder)) {
    if (isDay(entry) && entry !== record.readOn) await rm(path.join(folder, entry), { recursive: true, force: true })
  }
}

function isDay(name: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(name)
}

/** The fingerprint is of the rows of both metrics, whatever their order, and of nothing else. */
export function toDelivery({ period, metrics }: MonthRecord): Delivery {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(metrics.map(({ file, rows, digest }) => [file, rows, digest])))
    .digest('hex')
  const kind = metrics.find((reading) => reading.kind !== undefined)?.kind
  return {
    period,
    id: fingerprint.slice(0, 12),
    fingerprint,
    layout: kind === undefined ? 'usage details' : `usage details, ${kind}`,
    files: metrics.map(({ file, bytes, digest }) => ({ key: file, size: bytes, version: digest })),
  }
}
