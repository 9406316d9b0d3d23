import { ApiError } from './answer.ts'

/** A page of a list; `next` is given back as `after` for the one behind it, null at the end. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next: string | null
}

export const defaultLimit = 100
export const greatestLimit = 1000

/**
 * Cuts a page out of a list of one chargeback. A cursor holds the chargeback that it was given with: once that has
 * changed, a page more would neither be complete nor without repetition, and the reader is told to begin again.
 */
export function pageOf<Item>(items: readonly Item[], runId: string, query: URLSearchParams): Page<Item> {
  const limit = limitOf(query.get('limit'))
  const after = query.get('after')
  const from = after === null ? 0 : placeOf(after, runId)
  const end = from + limit
  return { items: items.slice(from, end), next: end < items.length ? cursor(end, runId) : null }
}

function limitOf(text: string | null): number {
  if (text === null) return defaultLimit
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= greatestLimit) return limit
  throw new ApiError(400, `limit is a whole number from 1 to ${greatestLimit}`)
}

function cursor(place: number, runId: string): string {
  return Buffer.from(`${place}:${runId}`, 'utf8').toString('base64url')
}

function placeOf(text: string, runId: string): number {
  const [, place, made] = /^(\d{1,9}):([0-9a-f]+)$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
  if (place === undefined) throw new ApiError(400, 'after is a cursor that an earlier page gave as next')
  if (made !== runId)
    throw new ApiError(410, 'the statements have changed since the page before: begin again without after')
  return Number(place)
}
