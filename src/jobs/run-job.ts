import { UserError } from '../core/errors.ts'
import { fillIn, type Job, type Step } from './job.ts'
import { writeJobRecord, type JobRecord, type JobStore, type StepResult } from './record.ts'

/** focal's own command line, called in this process. */
export interface FocalCommands {
  /** What is wrong with a command line: no such command, no such option; undefined when nothing is. */
  mistakeIn(words: readonly string[]): string | undefined
  /** Runs a command line as a shell would; what it throws is in the outcome, told on standard error already. */
  execute(words: readonly string[], signal: AbortSignal): Promise<{ exitCode: number; error?: string }>
}

export interface JobContext {
  readonly store: JobStore
  readonly commands: FocalCommands
  readonly now: () => Date
  readonly signal: AbortSignal
  /** One line for people, before each step. */
  readonly tell: (line: string) => void
}

export interface JobOutcome extends JobRecord {
  readonly startedAt: string
  readonly endedAt: string
  readonly exitCode: number
  readonly steps: readonly StepResult[]
}

/**
 * Runs the steps of a job one after another, until one ends with a code that the job does not go on after. The exit
 * code is that of the first step that did not end with 0. Throws the signal's reason when aborted: the record then
 * says that the run was stopped, and it is made up for. UserError, before anything runs, names a mistake in a step.
 */
export async function runJob(job: Job, due: Date, context: JobContext): Promise<JobOutcome> {
  const { store, now, signal } = context
  const lines = linesOf(job, due, context.commands)
  const begun = { job: job.name, dueAt: due.toISOString(), startedAt: now().toISOString() }
  await writeJobRecord(store, begun)
  const steps: StepResult[] = []
  for (const { words, goOnAfter } of lines) {
    const result = await runStep(words, context)
    if (signal.aborted) await writeJobRecord(store, { ...begun, stoppedAt: now().toISOString() }).catch(() => undefined)
    signal.throwIfAborted()
    steps.push(result)
    if (!goOnAfter.includes(result.exitCode)) break
  }
  const exitCode = steps.find((step) => step.exitCode !== 0)?.exitCode ?? 0
  const outcome = { ...begun, endedAt: now().toISOString(), exitCode, steps }
  await writeJobRecord(store, outcome)
  return outcome
}

async function runStep(words: readonly string[], { commands, now, signal, tell }: JobContext): Promise<StepResult> {
  const command = ['focal', ...words.map(quoted)].join(' ')
  tell(command)
  const started = now().getTime()
  const outcome = await commands.execute(words, signal)
  return { command, seconds: (now().getTime() - started) / 1000, ...outcome }
}

function quoted(word: string): string {
  return /^[^\s'"]+$/.test(word) ? word : word.includes("'") ? `"${word}"` : `'${word}'`
}

/** The steps as they will be run. UserError names a mistake in a command line, or a placeholder that there is not. */
export function linesOf(job: Job, due: Date, commands: FocalCommands): Step[] {
  return job.steps.map((step) => {
    const words = fillIn(step, due, job.timeZone)
    const mistake = commands.mistakeIn(words)
    if (mistake === undefined) return { ...step, words }
    throw new UserError(`the step is no command line of focal: ${mistake}`, {
      where: step.where,
      hint: '`focal --help` lists the commands, with a command its options. Nothing of the job was run.',
    })
  })
}
