import { describe, expect, test } from 'vitest'
import { describeFreshness, freshnessOf } from '../../src/pipeline/freshness.ts'
import { publishedUnit, type PublishedVersion } from './published-unit.ts'

const hour = 3600_000
const at = (start: string, hours: number) => new Date(Date.parse(start) + hours * hour).toISOString()

/** Versions of one month, each published some hours after the newest usage in it. */
const nightly = (nights: number, lagHours: number): PublishedVersion[] =>
  Array.from({ length: nights }, (_, night) => {
    const dataUntil = at('2026-11-01T00:00:00Z', 24 * night)
    return { dataUntil, publishedAt: at(dataUntil, lagHours) }
  })

const judge = (versions: readonly PublishedVersion[], now: string, until?: string) => {
  const [fresh] = freshnessOf([publishedUnit({ versions })], [{ name: 'tiny', until }], new Date(now))
  return fresh && { stale: fresh.stale, learnedFrom: fresh.learnedFrom, said: describeFreshness(fresh) }
}

describe('a source is stale', () => {
  test('after three days, while nobody knows its habit', () => {
    const versions = nightly(3, 5)
    expect(judge(versions, '2026-11-06T00:00:00Z')).toEqual({
      stale: false,
      learnedFrom: 2,
      said: 'newest usage 2026-11-03 00:00 UTC, 72 hours old; more than 72 hours is taken for stale',
    })
    expect(judge(versions, '2026-11-06T01:00:00Z')?.stale).toBe(true)
  })

  test('once it is half as late again as nine in ten of its deliveries were', () => {
    // Just before each delivery the newest usage is 24 + 20 hours old: 66 hours are allowed.
    const versions = nightly(10, 20)
    expect(judge(versions, '2026-11-12T18:00:00Z')).toEqual({
      stale: false,
      learnedFrom: 9,
      said: 'newest usage 2026-11-10 00:00 UTC, 66 hours old; by its own habit 66 hours at most',
    })
    expect(judge(versions, '2026-11-12T19:00:00Z')?.stale).toBe(true)
    expect(judge(versions, '2026-11-20T00:00:00Z')?.said).toBe(
      'newest usage 2026-11-10 00:00 UTC, 10 days old; by its own habit 66 hours at most',
    )
  })

  test('never before 36 hours, however punctual it was', () => {
    const hourly = Array.from({ length: 30 }, (_, index) => {
      const dataUntil = at('2026-11-01T00:00:00Z', 2 * index)
      return { dataUntil, publishedAt: at(dataUntil, 1) }
    })
    expect(judge(hourly, at('2026-11-01T00:00:00Z', 58 + 36))?.stale).toBe(false)
    expect(judge(hourly, at('2026-11-01T00:00:00Z', 58 + 37))?.stale).toBe(true)
  })

  test('not when the configuration says that it has ended, once its last month is there', () => {
    const versions = nightly(3, 5)
    expect(judge(versions, '2027-03-01T00:00:00Z', '2026-11')).toEqual({
      stale: false,
      learnedFrom: 2,
      said: 'newest usage 2026-11-03 00:00 UTC; the configuration says that 2026-11 was its last month',
    })
    expect(judge(versions, '2027-03-01T00:00:00Z', '2026-12')?.stale).toBe(true)
  })
})

test('a delivery that only restates teaches nothing, and months of one run count as one delivery', () => {
  const restated = [
    ...nightly(3, 5),
    { dataUntil: '2026-11-02T00:00:00.000Z', publishedAt: '2026-11-03T09:00:00.000Z' },
  ]
  expect(judge(restated, '2026-11-04T00:00:00Z')?.learnedFrom).toBe(2)
  const year = Array.from({ length: 12 }, (_, month) => ({
    dataUntil: `2026-${String(month + 1).padStart(2, '0')}-28T00:00:00.000Z`,
    publishedAt: at('2027-01-01T05:00:00Z', month / 60),
  }))
  expect(judge(year, '2027-01-01T06:00:00Z')?.learnedFrom).toBe(0)
})

test('sources that the configuration no longer has, and those without usage, are not judged', () => {
  const unit = publishedUnit({ versions: nightly(3, 5) })
  const { dataUntil: _none, ...withoutUsage } = unit
  const now = new Date('2027-01-01T00:00:00Z')
  expect(freshnessOf([unit], [{ name: 'another' }], now)).toEqual([])
  expect(freshnessOf([{ ...withoutUsage, superseded: [] }], [{ name: 'tiny' }], now)).toEqual([])
})
