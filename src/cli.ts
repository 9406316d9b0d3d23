import { CommanderError, type Command, type OutputConfiguration } from 'commander'
import { addAllocationCommands } from './cli/allocation-commands.ts'
import { commandLine, type Perform } from './cli/command-line.ts'
import { addJobCommands } from './cli/job-commands.ts'
import { addLakeCommands } from './cli/lake-commands.ts'
import { addMonthEndCommands } from './cli/month-end-commands.ts'
import { describeError, exitCode, FocalError } from './core/errors.ts'
import { redact } from './core/redact.ts'
import type { Terminal } from './commands/terminal.ts'
import type { FocalCommands } from './jobs/run-job.ts'

/** Everything a command may touch of the process it runs in. */
const terminal = (): Terminal => ({
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  now: () => new Date(),
})

/**
 * Runs one command line and gives back the exit code: 0 done, 1 failed, 2 bad usage or configuration,
 * 3 some units failed, 4 a check failed.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const abort = new AbortController()
  const stop = () => abort.abort(new Error('interrupted: nothing half-written is left; run again to go on'))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return (await execute(argv.slice(2), abort.signal)).exitCode
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

/** One command line, as a person types it or a job has it. What it throws is told on standard error. */
async function execute(words: readonly string[], signal: AbortSignal): Promise<{ exitCode: number; error?: string }> {
  let code: number = exitCode.done
  const program = commands(async (load, options) => {
    const action = await load()
    code = await action(options as never, terminal(), signal)
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
    return { exitCode: code }
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? exitCode.done : exitCode.usage }
    const reason: unknown = signal.aborted ? signal.reason : error
    return { exitCode: fail(reason, words.includes('--verbose')), error: describeError(reason) }
  }
}

/** The command line for the steps of jobs: each command takes the job's configuration, unless the step names another. */
function commandsOfJobs(configFile: string, json: boolean): FocalCommands {
  const program = commands(async () => undefined)
  const lacks = (words: readonly string[], ...names: readonly string[]) =>
    commandOf(program, words).options.some(({ long }) => long === names[0]) &&
    !words.some((word) => names.includes(word.split('=')[0] ?? ''))
  return {
    mistakeIn,
    execute: (words, signal) => {
      const config = lacks(words, '--config', '-c') ? ['--config', configFile] : []
      const log = json && lacks(words, '--json') ? ['--json'] : []
      return execute([...words, ...config, ...log], signal)
    },
  }
}

/** The command, or the command of a command, that these words begin with. */
function commandOf(program: Command, [word, ...words]: readonly string[]): Command {
  const next = program.commands.find((command) => command.name() === word)
  return next === undefined ? program : commandOf(next, words)
}

/** What is wrong with a command line, such as an option that there is not; nothing is run or printed. */
function mistakeIn(words: readonly string[]): string | undefined {
  const silent = () => undefined
  try {
    commands(async () => undefined, { writeOut: silent, writeErr: silent }).parse([...words], { from: 'user' })
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? undefined : error.message.replace(/^error: /, '')
  }
}

function fail(error: unknown, verbose: boolean): number {
  process.stderr.write(`error: ${describeError(error)}\n`)
  if (verbose && error instanceof Error) {
    const cause = error.cause instanceof Error ? `caused by ${error.cause.stack}\n` : ''
    process.stderr.write(redact(`${error.stack}\n${cause}`))
  }
  return error instanceof FocalError ? error.exitCode : exitCode.failed
}

function commands(perform: Perform, output: OutputConfiguration = {}): Command {
  const line = commandLine(perform, output)
  addLakeCommands(line)
  addAllocationCommands(line)
  addMonthEndCommands(line)
  addJobCommands(line, commandsOfJobs)
  return line.program
}
