import { exitCode, UserError } from '../core/errors.ts'
import { lastDue } from '../jobs/due.ts'
import { findJob } from '../jobs/find-jobs.ts'
import { linesOf, type FocalCommands } from '../jobs/run-job.ts'
import { noticeKinds } from '../notify/index.ts'
import { configured } from './configured.ts'
import { lineTeller } from './line-teller.ts'
import { runAndTell } from './run-and-tell.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly name: string
  readonly config: string
  /** The time that the job was due, when it is made up for by hand. */
  readonly at?: string
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly commands: (configFile: string, json: boolean) => FocalCommands
}

/** `focal job NAME`: the steps of a job, one after another. Ends with the code of the first step that did not end with 0. */
export async function job(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  const { baseDirectory } = made.config
  const found = await findJob(options.name, { baseDirectory, env: terminal.env, noticeKinds })
  const commands = options.commands(options.config, options.json ?? false)
  const due = options.at === undefined ? (lastDue(found, terminal.now()) ?? terminal.now()) : parseTime(options.at)
  if (options.dryRun) {
    const lines = linesOf(found, due, commands).map(({ words }) => `focal ${words.join(' ')}`)
    terminal.stdout.write(`${lines.join('\n')}\n`)
    return exitCode.done
  }
  const tell = await lineTeller(terminal.stderr, options.json ?? false)
  return runAndTell(found, due, { ...made, commands, now: terminal.now, signal, tell })
}

function parseTime(text: string): Date {
  const time = new Date(text)
  if (!Number.isNaN(time.getTime())) return time
  throw new UserError(`"${text}" is not a time`, { hint: 'Write it as 2026-10-12 or 2026-10-12T07:00:00Z.' })
}
