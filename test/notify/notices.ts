import type { Notice } from '../../src/notify/index.ts'

export const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** A notice with everything in it. */
export function failedRun(changes: Partial<Notice> = {}): Notice {
  return {
    key: 'run-failed-nightly-1-abc',
    kind: 'run-failed',
    incident: 'run-failed:nightly',
    over: false,
    severity: 'error',
    title: 'nightly failed',
    lines: ['aws-main 2026-10: the value is no amount', 'focal run ended with 1'],
    hint: 'The next run tries again.',
    at: '2026-11-21T05:00:10.000Z',
    ...changes,
  }
}

/** Tried again at once, three times in all. */
export const impatient = { attempts: 3, baseDelayMs: 1, maxDelayMs: 1, longestWaitMs: 10_000 }

export const world = { now: () => new Date('2026-11-21T05:00:12Z'), policy: impatient }
