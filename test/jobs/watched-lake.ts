import path from 'node:path'
import { exitOf } from '../../src/commands/run.ts'
import { runAndTell } from '../../src/commands/run-and-tell.ts'
import { describeError } from '../../src/core/errors.ts'
import { parseJob, type Job } from '../../src/jobs/job.ts'
import type { FocalCommands } from '../../src/jobs/run-job.ts'
import { noticeKinds, type Notice } from '../../src/notify/index.ts'
import { localSink } from '../../src/sinks/local.ts'
import { receiver, type Receiver } from '../notify/receiver.ts'
import { workbench, type Workbench } from '../pipeline/workbench.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

export interface WatchedLake extends Workbench {
  readonly hook: Receiver
  /** Runs the job at six in the morning (UTC) of this day. Gives back what the hook was told since the last night. */
  night(day: string, job?: Job): Promise<Told>
}

export interface Told {
  readonly code: number
  readonly notices: readonly Notice[]
  /** `run-failed: nightly failed` for each. */
  readonly titles: readonly string[]
  /** On standard error. */
  readonly lines: readonly string[]
}

export const nightly = parseJob("schedule: '0 6 * * *'\nsteps: [focal run]\n", {
  name: 'nightly',
  file: 'nightly.yaml',
  env: {},
  noticeKinds,
})

/** The nightly job with steps that end with these codes and do nothing. */
export function endingWith(...codes: readonly number[]): Job {
  const where = { file: nightly.file }
  return { ...nightly, steps: codes.map((code) => ({ words: [String(code)], goOnAfter: [0], where })) }
}

/** A source whose lake is looked after by jobs, and a service that hears of it. `${DUTY}` is a key for PagerDuty. */
export async function watchedLake(section: readonly string[] = []): Promise<WatchedLake> {
  const hook = await receiver()
  const folder = temporaryFolder()
  const bench = workbench(folder, path.join(folder, 'bills'), { DUTY: 'k'.repeat(32) })
  const channel = `{ name: hook, type: webhook, url: '${hook.url}' }`
  bench.configure({ top: ['notify:', ...section.map((line) => `  ${line}`), `  channels: [${channel}]`] })
  const night = async (day: string, which = nightly): Promise<Told> => {
    const lines: string[] = []
    const before = hook.received.length
    const code = await runAndTell(which, new Date(`${day}T06:00:00Z`), {
      config: await bench.config(),
      lake: localSink(bench.lake),
      commands: commandsOf(bench, day),
      now: () => new Date(`${day}T06:00:00Z`),
      signal: new AbortController().signal,
      tell: (line) => lines.push(line),
    })
    const notices = hook.received
      .slice(before)
      .flatMap(({ body }) => (JSON.parse(body) as { data?: Notice }).data ?? [])
    return { code, notices, lines, titles: notices.map(({ kind, title }) => `${kind}: ${title}`) }
  }
  return { ...bench, hook, night }
}

/** `focal run`, as far as a job sees it; any other word ends with the number that it is. */
function commandsOf(bench: Workbench, today: string): FocalCommands {
  return {
    mistakeIn: () => undefined,
    async execute([word = '']) {
      if (word !== 'run') return { exitCode: Number(word) }
      try {
        return { exitCode: exitOf(await bench.record({}, { today })) }
      } catch (error) {
        return { exitCode: 1, error: describeError(error) }
      }
    },
  }
}
