import { describeError } from '../core/errors.ts'
import { dueRun, lastDue, nextDue } from './due.ts'
import type { Job } from './job.ts'
import { readJobRecord, writeJobRecord, type JobRecord, type JobStore } from './record.ts'

export interface ScheduleContext {
  readonly store: JobStore
  readonly now: () => Date
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
  /** Runs the job that was due at this time, and leaves its record. What it throws is told, and it stays due. */
  readonly run: (job: Job, due: Date) => Promise<void>
  /** One line for people. */
  readonly tell: (line: string) => void
  /** Called whenever the schedule was looked at, and before each run. */
  readonly beat?: ((state: ScheduleState) => void) | undefined
}

export interface ScheduleState {
  readonly at: Date
  readonly jobs: readonly { readonly job: string; readonly next: string | undefined; readonly running: boolean }[]
}

/** Looked at this often however far the next run is: a clock may be set, and a machine may sleep. */
const longestSleepMs = 60_000

/**
 * Runs jobs as they fall due, one at a time, until the signal aborts; then it returns. What is due follows from the
 * records in the lake, so that runs missed while nobody was there are made up for. A job without a record begins
 * with its next run.
 */
export async function keepSchedule(jobs: readonly Job[], context: ScheduleContext): Promise<void> {
  const { now, sleep, signal, tell } = context
  for (const job of jobs) await begin(job, context)
  while (!signal.aborted) {
    try {
      if (await runFirstDue(jobs, context)) continue
      await sleep(untilNext(jobs, now()), signal)
    } catch (error) {
      if (signal.aborted) return
      // The lake may be out of reach for a while; what is due stays due.
      tell(`the schedule goes on after a failure: ${describeError(error)}`)
      await sleep(longestSleepMs, signal).catch(() => undefined)
    }
  }
}

/** Whether there was one. */
async function runFirstDue(jobs: readonly Job[], context: ScheduleContext): Promise<boolean> {
  const due = await firstDue(jobs, context)
  context.beat?.(stateOf(jobs, context.now(), due?.job))
  if (due === undefined) return false
  if (due.late) context.tell(`${due.job.name} was due at ${due.at.toISOString()}: making up for it`)
  await context.run(due.job, due.at)
  return true
}

async function begin(job: Job, { store, now, tell }: ScheduleContext): Promise<void> {
  if ((await readJobRecord(store, job.name)) === undefined) {
    await writeJobRecord(store, { job: job.name, dueAt: (lastDue(job, now()) ?? now()).toISOString() })
  }
  tell(`${job.name}: next run ${nextDue(job, now())?.toISOString() ?? 'never'}`)
}

interface Due {
  readonly job: Job
  readonly at: Date
  /** It fell due before anybody looked. */
  readonly late: boolean
}

/** Of the runs that are due, the one that fell due first. */
async function firstDue(jobs: readonly Job[], { store, now }: ScheduleContext): Promise<Due | undefined> {
  const at = now()
  const due = await Promise.all(
    jobs.map(async (job) => {
      const time = dueOf(job, await readJobRecord(store, job.name), at)
      return time === undefined ? [] : [{ job, at: time, late: at.getTime() - time.getTime() > longestSleepMs }]
    }),
  )
  return due.flat().toSorted((a, b) => a.at.getTime() - b.at.getTime())[0]
}

/** A run that began and did not end is due again, by now perhaps under a later time. */
function dueOf(job: Job, record: JobRecord | undefined, now: Date): Date | undefined {
  if (record === undefined) return undefined
  const recorded = new Date(record.dueAt)
  const died = record.startedAt !== undefined && record.endedAt === undefined
  if (died && job.missed === 'each') return recorded
  return dueRun(job, recorded, now) ?? (died ? recorded : undefined)
}

function untilNext(jobs: readonly Job[], now: Date): number {
  const waits = jobs.flatMap((job) => nextDue(job, now) ?? []).map((next) => next.getTime() - now.getTime())
  return Math.min(longestSleepMs, ...waits)
}

function stateOf(jobs: readonly Job[], at: Date, running: Job | undefined): ScheduleState {
  return {
    at,
    jobs: jobs.map((job) => ({
      job: job.name,
      next: nextDue(job, at)?.toISOString(),
      running: job === running,
    })),
  }
}
