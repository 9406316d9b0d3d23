import type { Parcel } from './notice.ts'

/** What a service takes of a text. */
export interface Room {
  /** In characters, as JavaScript counts them, or in bytes of UTF-8, as they are or written as JSON. */
  readonly size: number
  readonly measure: 'characters' | 'bytes' | 'bytes of JSON'
}

function sizeOf(text: string, { measure }: Room): number {
  if (measure === 'characters') return text.length
  return Buffer.byteLength(measure === 'bytes' ? text : JSON.stringify(text))
}

/** As many of the lines as there is room for, each on its own line, and how many more there are. A long line is cut. */
export function fitLines(lines: readonly string[], room: Room): string {
  const whole = lines.join('\n')
  if (sizeOf(whole, room) <= room.size) return whole
  const kept: string[] = []
  for (const line of lines) {
    const rest = remainder(lines.length - kept.length - 1)
    if (sizeOf([...kept, line, rest].join('\n'), room) > room.size) break
    kept.push(line)
  }
  if (kept.length === 0) return cut(whole, room)
  return [...kept, remainder(lines.length - kept.length)].join('\n')
}

function remainder(count: number): string {
  return `… and ${count} more ${count === 1 ? 'line' : 'lines'}`
}

/** The text if there is room for it, else its beginning and an ellipsis. Never half a character. */
export function cut(text: string, room: Room): string {
  if (sizeOf(text, room) <= room.size) return text
  const characters = Array.from(text)
  let [low, high] = [0, characters.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (sizeOf(`${characters.slice(0, middle).join('')}…`, room) <= room.size) low = middle
    else high = middle - 1
  }
  return `${characters.slice(0, low).join('')}…`
}

export const repeatedLine = 'This may have been sent before: a process died while it was on its way.'

/** The lines under the title, for services that show text. `knowsRepeats`: the service itself drops what it has. */
export function bodyLines({ notice, repeated }: Parcel, { knowsRepeats = false } = {}): string[] {
  return [
    ...notice.lines,
    ...(notice.hint === undefined ? [] : [notice.hint]),
    ...(repeated && !knowsRepeats ? [repeatedLine] : []),
  ]
}
