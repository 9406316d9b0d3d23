import { createHash } from 'node:crypto'
import type { Period } from '../../core/period.ts'
import type { Delivery } from '../connector.ts'
import { refuseCopies } from '../copies.ts'
import type { ObjectInfo } from '../stores/object-store.ts'
import type { FocusFolder } from './folder.ts'

/**
 * All files that hold rows of the billing period, as one delivery: a file that was added, replaced or taken away
 * restates the month. DataError when a file is there twice.
 */
export function deliveryOf(period: Period, { byPeriod, declared }: FocusFolder): Delivery {
  const files = byPeriod.get(period) ?? []
  if (files.length === 0) return waiting(period)
  refuseCopies(files)
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([declared ?? '', files.map(({ key, size, version }) => [key, size, version])]))
    .digest('hex')
  return {
    period,
    id: fingerprint.slice(0, 12),
    fingerprint,
    layout: `FOCUS${declared === undefined ? '' : ` ${declared}`} files, ${packing(files)}`,
    files,
    ...(declared !== undefined && { declaredVersion: declared }),
  }
}

function waiting(period: Period): Delivery {
  const reason = `not complete: no file for ${period} yet`
  return { period, id: '', fingerprint: '', layout: 'FOCUS files', files: [], waiting: reason }
}

function packing(files: readonly ObjectInfo[]): string {
  const endings = files.map(({ key }) => /\.(csv(?:\.gz|\.zip)?|parquet)$/i.exec(key)?.[1]?.toLowerCase() ?? '')
  return [...new Set(endings)].toSorted().join(' and ')
}
