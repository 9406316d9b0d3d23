import { describeError, FocalError, RetryableError } from '../core/errors.ts'
import { retry, type RetryPolicy } from '../core/retry.ts'
import type { Job } from '../jobs/job.ts'
import { readJobRecord, writeJobRecord, type JobRecord } from '../jobs/record.ts'
import { runJob, type FocalCommands, type JobOutcome } from '../jobs/run-job.ts'
import { send, type Notice, type NoticeKind } from '../notify/index.ts'
import { freshnessOf } from '../pipeline/freshness.ts'
import { keyOf } from '../pipeline/notices/incidents.ts'
import { tell } from '../pipeline/notices/tell.ts'
import { failedChecks, failedRun } from '../pipeline/notices/troubles.ts'
import { readLastRun, readUnits } from '../pipeline/state.ts'
import type { Configured } from './configured.ts'
import { newRunId } from './run-id.ts'

export interface JobRunContext extends Configured {
  readonly commands: FocalCommands
  readonly now: () => Date
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

/**
 * Runs a job and tells people what came of it. Gives back its exit code; a notice that cannot be sent does not change
 * it. Throws the signal's reason when aborted.
 */
export async function runAndTell(job: Job, due: Date, context: JobRunContext): Promise<number> {
  const { lake, commands, now, signal, tell: say } = context
  const startedAt = now()
  let before: JobRecord | undefined
  let outcome: JobOutcome
  try {
    before = await readJobRecord(lake, job.name)
    outcome = await runJob(job, due, { store: lake, commands, now, signal, tell: say })
  } catch (error) {
    signal.throwIfAborted()
    outcome = notRun(job, due, startedAt, error)
    say(`${job.name} could not be run: ${describeError(error)}`)
    // Done with, lest a schedule tries it again for ever; where the lake is out of reach it stays due.
    await writeJobRecord(lake, outcome).catch(() => undefined)
  }
  try {
    await tellOutcome(job, outcome, before, context)
  } catch (error) {
    signal.throwIfAborted()
    say(`the outbox in the lake is out of reach: ${describeError(error)}`)
    if (outcome.exitCode !== 0) await tellDirectly(job, outcome, context)
  }
  return outcome.exitCode
}

function notRun(job: Job, due: Date, startedAt: Date, error: unknown): JobOutcome {
  const exitCode = error instanceof FocalError ? error.exitCode : 1
  const at = startedAt.toISOString()
  const step = { command: `focal job ${job.name}`, exitCode, seconds: 0, error: describeError(error) }
  return { job: job.name, dueAt: due.toISOString(), startedAt: at, endedAt: at, exitCode, steps: [step] }
}

/** Another run may be at work on the lake; it is waited for, for some minutes. */
const heldPolicy: RetryPolicy = { attempts: 8, baseDelayMs: 2_000, maxDelayMs: 60_000, longestWaitMs: 0 }

async function tellOutcome(
  job: Job,
  outcome: JobOutcome,
  before: JobRecord | undefined,
  { config, lake, now, signal, tell: say }: JobRunContext,
): Promise<void> {
  const { notify } = config
  if (notify === undefined) return
  const run = await readLastRun(lake)
  const units = await readUnits(lake)
  const facts = {
    job: outcome,
    died: diedBefore(before),
    run: run !== undefined && run.startedAt >= outcome.startedAt ? run : undefined,
    units,
    freshness: freshnessOf(units, config.sources, now()),
    restatedBy: notify.restatedBy,
  }
  const context = { lake, channels: notify.channels, kinds: kindsOf(job), runId: newRunId(now()), now, signal }
  const judge = (error: unknown) => (error instanceof RetryableError ? {} : 'final')
  const lines = await retry(() => tell(facts, context), { policy: heldPolicy, judge, signal })
  for (const line of lines) say(line)
}

function diedBefore({ startedAt, endedAt, stoppedAt }: Partial<JobRecord> = {}): string | undefined {
  return endedAt === undefined && stoppedAt === undefined ? startedAt : undefined
}

function kindsOf({ notify }: Job): readonly NoticeKind[] {
  return notify as readonly NoticeKind[]
}

/** Without the outbox each channel is told once, and what does not arrive is lost but for standard error. */
async function tellDirectly(job: Job, outcome: JobOutcome, context: JobRunContext): Promise<void> {
  const { config, now, signal, tell: say } = context
  const [trouble] = [...failedRun(outcome, undefined), ...failedChecks(outcome, undefined)]
  if (trouble === undefined || !kindsOf(job).includes(trouble.kind)) return
  const { essence: _essence, overTitle: _over, ...words } = trouble
  const notice: Notice = { ...words, key: keyOf(trouble.incident, outcome.startedAt), over: false, at: outcome.endedAt }
  for (const channel of config.notify?.channels ?? []) {
    await send({ notice, repeated: false }, channel, { now, signal }).then(
      () => say(`told ${channel.name}: ${notice.title}`),
      (reason: unknown) => say(`${channel.name} could not be told: ${describeError(reason)}`),
    )
  }
}
