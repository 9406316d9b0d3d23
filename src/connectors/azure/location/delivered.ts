import { createHash } from 'node:crypto'
import type { Period } from '../../../core/period.ts'
import type { Delivery } from '../../connector.ts'
import type { ObjectInfo } from '../../stores/object-store.ts'

/** SHA-256 over a delivery's own id and its files' names and versions, in the delivery's order. */
export function fingerprint(id: string, files: readonly ObjectInfo[]): string {
  return createHash('sha256')
    .update(JSON.stringify([id, files.map(({ key, size, version }) => [key, size, version])]))
    .digest('hex')
}

/** A delivery that cannot be read yet. */
export function waiting(period: Period, why: string): Delivery {
  return { period, id: '', fingerprint: '', layout: '', files: [], waiting: why }
}

/** `csv`, `csv.gz`, `parquet`: how the files are packed, for people. */
export function packing(files: readonly { key: string }[]): string {
  const endings = new Set(
    files.map(({ key }) => /\.((?:csv\.)?(?:gz|zip)|csv|parquet)$/i.exec(key)?.[1]?.toLowerCase() ?? 'other'),
  )
  return [...endings].join(' and ') || 'no files'
}
