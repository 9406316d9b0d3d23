import { Cron } from 'croner'
import type { Job } from './job.ts'

type Timing = Pick<Job, 'schedule' | 'timeZone' | 'missed'>

const cron = ({ schedule, timeZone }: Timing) => new Cron(schedule, { timezone: timeZone, paused: true })

/**
 * The time of the run that is to be made now: the last that was due after `since`, up to `now`, or the first of them
 * when each missed run counts. undefined when none was due.
 */
export function dueRun(job: Timing, since: Date, now: Date): Date | undefined {
  const due = job.missed === 'each' ? (cron(job).nextRun(since) ?? undefined) : lastDue(job, now)
  return due !== undefined && due > since && due <= now ? due : undefined
}

/** The newest time up to `now` that the schedule names. */
export function lastDue(job: Timing, now: Date): Date | undefined {
  // The reference itself does not count.
  return cron(job).previousRuns(1, new Date(now.getTime() + 1))[0]
}

/** undefined when the schedule names no time any more. */
export function nextDue(job: Timing, now: Date): Date | undefined {
  return cron(job).nextRun(now) ?? undefined
}
