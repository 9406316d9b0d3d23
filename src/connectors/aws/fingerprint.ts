import { createHash } from 'node:crypto'
import type { ObjectInfo } from '../stores/object-store.ts'

/** SHA-256 over a delivery's own id and its files' names and versions, in the delivery's order. */
export function fingerprint(id: string, files: readonly ObjectInfo[]): string {
  return createHash('sha256')
    .update(JSON.stringify([id, files.map(({ key, size, version }) => [key, size, version])]))
    .digest('hex')
}
