import { hostname } from 'node:os'
import { setTimeout as timer } from 'node:timers/promises'
import { RetryableError } from '../core/errors.ts'

/** Who has a lake to itself: a run, and the process that it runs in. */
export interface Holder {
  readonly runId: string
  readonly pid: number
  readonly host: string
  readonly since: string
}

/** The runs of this process: a container may start with the process id of the one that died before it. */
export const ownRuns = new Set<string>()

export function ownHolder(runId: string, now: Date): Holder {
  return { runId, pid: process.pid, host: hostname(), since: now.toISOString() }
}

/** False when it is known to be gone; a process of another machine counts as there. */
export function mayBeAlive({ host, pid, runId }: Holder): boolean {
  if (host !== hostname()) return true
  if (pid === process.pid) return ownRuns.has(runId)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export class LakeHeldError extends RetryableError {}

export function atWork({ runId, pid, host, since }: Holder, silentMs: number): LakeHeldError {
  return new LakeHeldError(`another run is at work on this lake: ${runId}`, {
    hint: `Process ${pid} on ${host} has held it since ${since}. Wait for it (--wait does); if it has died, a run takes over once it has been silent for ${silentMs / 60_000} minutes.`,
  })
}

/** The error of a holder that was taken for dead: what it has not put in place by now it must not put in place. */
export function displaced(runId: string, by: Pick<Holder, 'runId'> | undefined): RetryableError {
  const who = by === undefined ? 'it is held by nobody now' : `${by.runId} has taken it over`
  return new RetryableError(`the run ${runId} does not hold the lake any more: ${who}`, {
    hint: 'It had been silent for too long: a machine that slept, a network that was down. It published nothing since; run again.',
  })
}

export interface Waiting {
  /** Wait for a run that is at work instead of failing. */
  readonly wait?: boolean | undefined
  /** Ends the wait, and an upload that is under way. */
  readonly signal?: AbortSignal | undefined
  /** Told once, who is waited for. */
  readonly onWait?: ((holder: LakeHeldError) => void) | undefined
}

/** Tries to acquire until it succeeds; without `wait` the first refusal is thrown. */
export async function acquiring<T>(
  acquire: () => Promise<T>,
  pollMs: number,
  { wait, signal, onWait }: Waiting,
): Promise<T> {
  for (let told = false; ;) {
    try {
      return await acquire()
    } catch (error) {
      if (wait !== true || !(error instanceof LakeHeldError)) throw error
      if (!told) onWait?.(error)
      told = true
      await timer(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}
