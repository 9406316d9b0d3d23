import type { RunEvent, UnitStep } from '../pipeline/events.ts'

/** How far the units of a run are, as its events tell. */
export interface Progress {
  /** Whether what is drawn may be another since. */
  hear(event: RunEvent): boolean
  /** One line of at most `columns` about the unit that is furthest; empty when none is at work. */
  draw(columns: number): string
}

interface UnitProgress {
  readonly percent: number
  readonly doing: string
}

/** Half of a unit's way is bringing its files. */
const fetched = 50

/** How far along a unit is when a step is done, in percent, and what it does then. */
const afterStep: Record<UnitStep, UnitProgress> = {
  fetched: { percent: fetched, doing: 'reading' },
  staged: { percent: 65, doing: 'writing' },
  written: { percent: 85, doing: 'checking' },
  checked: { percent: 95, doing: 'publishing' },
  kept: { percent: 97, doing: 'publishing' },
  'put in place': { percent: 99, doing: 'publishing' },
  recorded: { percent: 100, doing: 'done' },
}

/** So that the bar keeps its width whatever is said beside it. */
const roomForWords = '   100% publishing, and 9 more'.length

export function openProgress(): Progress {
  const units = new Map<string, UnitProgress>()
  return {
    hear(event) {
      switch (event.type) {
        case 'unit-bytes': {
          const percent = (event.bytes / Math.max(event.total, 1)) * fetched
          units.set(`${event.source} ${event.period}`, { percent, doing: 'fetching' })
          return true
        }
        case 'unit-step':
          units.set(`${event.source} ${event.period}`, afterStep[event.step])
          return true
        case 'unit-published':
          return units.delete(`${event.record.source} ${event.record.period}`)
        case 'unit-failed':
          return units.delete(`${event.source} ${event.period}`)
        default:
          return false
      }
    },
    draw(columns) {
      const [furthest, ...others] = [...units].toSorted(([, a], [, b]) => b.percent - a.percent)
      if (furthest === undefined) return ''
      const [unit, { percent, doing }] = furthest
      const more = others.length === 0 ? '' : `, and ${others.length} more`
      const width = Math.max(10, Math.min(40, columns - unit.length - roomForWords))
      const full = Math.round((percent / 100) * width)
      return `${unit}  ${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.round(percent)}% ${doing}${more}`
    },
  }
}
