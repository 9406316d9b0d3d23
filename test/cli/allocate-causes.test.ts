import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  causes,
  explainDifference,
  type Cause,
  type Circumstances,
  type Line,
} from '../../src/commands/allocate/causes.ts'

const unit = 10n ** 18n

const quiet: Circumstances = { sameMonth: false, rulesChanged: false, changedDrivers: new Set() }

/** A line of 100 USD and 10 hours on either side, directly to payments, unless it says otherwise. */
function line(changes: Partial<Line>): Line {
  return {
    currency: 'USD',
    used: 'vm-1',
    service: 'Compute',
    unit: 'Hours',
    correction: false,
    tags: '{}',
    target: 'payments',
    way: 'direct',
    drivers: [],
    isBefore: true,
    isAfter: true,
    before: 100n * unit,
    after: 100n * unit,
    quantityBefore: 10n * unit,
    quantityAfter: 10n * unit,
    ...changes,
  }
}

/** The causes of a target that are not zero, in whole units. */
function found(lines: readonly Line[], circumstances: Partial<Circumstances> = {}, target = 'payments') {
  const sums = explainDifference(lines, { ...quiet, ...circumstances }).get(`USD\n${target}`)
  return Object.fromEntries(
    Object.entries(sums ?? {}).flatMap(([cause, units]) => (units === 0n ? [] : [[cause, Number(units / unit)]])),
  )
}

describe('a difference is laid to', () => {
  test('price, when the same use costs more', () => {
    expect(found([line({ after: 130n * unit })])).toEqual({ price: 30 })
  })

  test('price, when what has no quantity costs more', () => {
    const fee = { quantityBefore: 0n, quantityAfter: 0n, unit: undefined }
    expect(found([line({ ...fee, after: 130n * unit })])).toEqual({ price: 30 })
  })

  test('volume, when more is used at the same price, and when use is new or gone', () => {
    expect(found([line({ after: 150n * unit, quantityAfter: 15n * unit })])).toEqual({ volume: 50 })
    expect(found([line({ isBefore: false, before: 0n, quantityBefore: 0n })])).toEqual({ volume: 100 })
    expect(found([line({ isAfter: false, after: 0n, quantityAfter: 0n })])).toEqual({ volume: -100 })
  })

  test('mix, when use moves to what is dearer', () => {
    const cheap = line({ used: 'small', before: 10n * unit, after: 0n, quantityAfter: 0n, isAfter: false })
    const dear = line({ used: 'large', before: 90n * unit, after: 180n * unit, quantityAfter: 20n * unit })
    expect(found([cheap, dear])).toEqual({ mix: 80 })
  })

  test('a correction, when the provider says so, and when an earlier version had the same use', () => {
    const late = line({ correction: true, isBefore: false, before: 0n, quantityBefore: 0n, after: -20n * unit })
    expect(found([late])).toEqual({ correction: -20 })
    expect(found([line({ after: 130n * unit, quantityAfter: 12n * unit })], { sameMonth: true })).toEqual({
      correction: 30,
    })
    expect(found([line({ isBefore: false, before: 0n, quantityBefore: 0n })], { sameMonth: true })).toEqual({
      volume: 100,
    })
  })

  test('a tag, when the same use is tagged otherwise', () => {
    const was = line({ tags: 'a', isAfter: false, after: 0n, quantityAfter: 0n })
    const is = line({ tags: 'b', target: 'search', isBefore: false, before: 0n, quantityBefore: 0n })
    expect(found([was, is])).toEqual({ tag: -100 })
    expect(found([was, is], {}, 'search')).toEqual({ tag: 100 })
  })

  test('the rules, when the same charge takes another way', () => {
    const was = line({ isAfter: false, after: 0n, quantityAfter: 0n })
    const is = line({ way: 'pool', target: 'search', isBefore: false, before: 0n, quantityBefore: 0n })
    expect(found([was, is], { rulesChanged: true })).toEqual({ rule: -100 })
    expect(found([was, is], { rulesChanged: true }, 'search')).toEqual({ rule: 100 })
  })

  test.each([
    ['driver', { changedDrivers: new Set(['queries']), rulesChanged: true }],
    ['driver', {}],
    ['rule', { rulesChanged: true }],
  ] as const)('%s, when the shares of one way move and %j', (cause, circumstances) => {
    const shared = { way: 'pool', drivers: ['queries'] }
    const lines = [line({ ...shared, after: 60n * unit }), line({ ...shared, target: 'search', after: 140n * unit })]
    expect(found(lines, circumstances)).toEqual({ [cause]: -40 })
    expect(found(lines, circumstances, 'search')).toEqual({ [cause]: 40 })
  })
})

const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const quantity = fc.bigInt({ min: 0n, max: 10n ** 27n })

/** Of each use there are several lines: without the size there would be ten of all twelve uses. */
const lines = fc.array(
  fc
    .record({
      used: fc.constantFrom('a', 'b', 'c'),
      service: fc.constantFrom('Compute', 'Storage'),
      unit: fc.constantFrom('Hours', undefined),
      correction: fc.boolean(),
      tags: fc.constantFrom('', '{}'),
      target: fc.constantFrom('payments', 'search'),
      way: fc.constantFrom('direct', 'pool'),
      side: fc.constantFrom('before', 'after', 'both'),
      before: amount,
      after: amount,
      quantityBefore: quantity,
      quantityAfter: quantity,
    })
    .map(({ side, ...each }) => {
      const [isBefore, isAfter] = [side !== 'after', side !== 'before']
      return line({
        ...each,
        isBefore,
        isAfter,
        ...(isBefore ? {} : { before: 0n, quantityBefore: 0n }),
        ...(isAfter ? {} : { after: 0n, quantityAfter: 0n }),
      })
    }),
  { maxLength: 40, size: 'max' },
)

test('the causes of every target sum to its difference, to the last unit', () => {
  fc.assert(
    fc.property(lines, fc.boolean(), fc.boolean(), (all, sameMonth, rulesChanged) => {
      const sums = explainDifference(all, { ...quiet, sameMonth, rulesChanged })
      for (const target of ['payments', 'search']) {
        const own = all.filter((each) => each.target === target)
        const difference = own.reduce((total, { before, after }) => total + after - before, 0n)
        const of = sums.get(`USD\n${target}`)
        expect(causes.reduce((total: bigint, cause: Cause) => total + (of?.[cause] ?? 0n), 0n)).toBe(difference)
      }
    }),
    { numRuns: 500 },
  )
})
