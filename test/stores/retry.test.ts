import { expect, test } from 'vitest'
import {
  isNetworkFailure,
  isTransientStatus,
  parseRetryAfter,
  retry,
  standardRetryPolicy,
  type RetryOptions,
} from '../../src/core/retry.ts'

const policy = { attempts: 5, baseDelayMs: 100, maxDelayMs: 350, longestWaitMs: 10_000 }

/** An operation that fails with each error in turn, then gives 'done'; `waits` are what was slept. */
function failing(errors: Error[], options: Partial<RetryOptions> = {}) {
  const waits: number[] = []
  let calls = 0
  const result = retry(
    async () => {
      calls += 1
      const error = errors[calls - 1]
      if (error !== undefined) throw error
      return 'done'
    },
    { policy, judge: () => ({}), sleep: async (ms) => void waits.push(ms), random: () => 0.5, ...options },
  )
  return { result, waits, calls: () => calls }
}

const errors = (count: number) => Array.from({ length: count }, (_, number) => new Error(`failure ${number + 1}`))

test('returns the first success without waiting', async () => {
  const { result, waits, calls } = failing([])
  expect(await result).toBe('done')
  expect([calls(), waits]).toEqual([1, []])
})

test('doubles the bound of a random wait up to the longest', async () => {
  const { result, waits } = failing(errors(4))
  expect(await result).toBe('done')
  expect(waits).toEqual([50, 100, 175, 175])
})

test('throws the last error when the attempts are used up', async () => {
  const { result, calls } = failing(errors(9))
  await expect(result).rejects.toThrow(/^failure 5$/)
  expect(calls()).toBe(5)
})

test('throws an error at once that is judged final', async () => {
  const { result, waits, calls } = failing(errors(9), {
    judge: (error) => (String(error).endsWith('2') ? 'final' : {}),
  })
  await expect(result).rejects.toThrow(/^failure 2$/)
  expect([calls(), waits]).toEqual([2, [50]])
})

test('never waits less than the server asks, and not at all for more than the policy allows', async () => {
  const asked = [3000, 10_000, 10_001]
  const { result, waits, calls } = failing(errors(9), { judge: () => ({ retryAfterMs: asked.shift() }) })
  await expect(result).rejects.toThrow(/^failure 3$/)
  expect([calls(), waits]).toEqual([3, [3050, 10_100]])
})

test('does not begin after an abort, and throws its reason', async () => {
  const reason = new Error('stopped')
  const { result, calls } = failing([], { signal: AbortSignal.abort(reason) })
  await expect(result).rejects.toBe(reason)
  expect(calls()).toBe(0)
})

test('throws the reason of an abort out of a real wait', async () => {
  const controller = new AbortController()
  const reason = new Error('stopped')
  const hour = { ...policy, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000 }
  const result = retry(
    async () => {
      setImmediate(() => controller.abort(reason))
      throw new Error('failure')
    },
    { policy: hour, judge: () => ({}), random: () => 1, signal: controller.signal },
  )
  await expect(result).rejects.toBe(reason)
})

test('throws the reason of an abort in place of the error that it caused', async () => {
  const controller = new AbortController()
  const reason = new Error('stopped')
  const result = retry(
    async () => {
      controller.abort(reason)
      throw new Error('socket hang up')
    },
    { policy, judge: () => ({}), signal: controller.signal },
  )
  await expect(result).rejects.toBe(reason)
})

test('waits 16 seconds at most with the standard policy', async () => {
  const { result, waits } = failing(errors(5), { policy: standardRetryPolicy, random: () => 1 })
  expect(await result).toBe('done')
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000])
})

test('knows a network failure by its code, also as a cause, and a timeout by its name', () => {
  const reset = Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  expect(isNetworkFailure(reset)).toBe(true)
  expect(isNetworkFailure(new Error('fetch failed', { cause: reset }))).toBe(true)
  expect(isNetworkFailure(new DOMException('', 'TimeoutError'))).toBe(true)
  expect(isNetworkFailure(Object.assign(new Error('full'), { code: 'ENOSPC' }))).toBe(false)
  expect(isNetworkFailure(new TypeError('no function'))).toBe(false)
  expect(isNetworkFailure('ECONNRESET')).toBe(false)
})

test('counts 408, 425, 429 and 5xx but 501 as passing', () => {
  const all = Array.from({ length: 500 }, (_, offset) => 100 + offset)
  const passing = all.filter(isTransientStatus)
  expect(passing.slice(0, 3)).toEqual([408, 425, 429])
  expect(passing.slice(3)).toEqual(all.filter((status) => status >= 500 && status !== 501))
})

test.each([
  ['7', 7000],
  [' 0 ', 0],
  ['Sat, 01 Nov 2025 00:00:30 GMT', 30_000],
  ['Sat, 01 Nov 2025 00:00:00 GMT', 0],
  ['Fri, 31 Oct 2025 00:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('reads Retry-After %j as %j ms', (header, expected) => {
  expect(parseRetryAfter(header, new Date('2025-11-01T00:00:00Z'))).toBe(expected)
})
