import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option, type OutputConfiguration } from 'commander'
import type { Terminal } from '../commands/terminal.ts'
import type { FocalCommands } from '../jobs/run-job.ts'

export type Action = (options: never, terminal: Terminal, signal: AbortSignal) => Promise<number>

/** Does what a command line asks: loads the command, and gives it its options and arguments by name. */
export type Perform = (load: () => Promise<Action>, options: Record<string, unknown>) => Promise<void>

/** The commands that a job's steps may be, for a configuration; `json` has each log as JSON lines. */
export type CommandsOfJobs = (configFile: string, json: boolean) => FocalCommands

/** `focal` without commands, and what they are declared with. */
export interface CommandLine {
  readonly program: Command
  readonly version: string
  /** A command of `parent`, which is `focal` where none is given. */
  readonly add: (name: string, summary: string, examples: readonly string[], parent?: Command) => Command
  /** What a command does: nothing of it is loaded before. `more` goes beside its options. */
  readonly does: (load: () => Promise<Action>, more?: Record<string, unknown>) => (...words: unknown[]) => Promise<void>
}

export function commandLine(perform: Perform, output: OutputConfiguration): CommandLine {
  const version = ownVersion()
  const program = new Command('focal')
    .configureOutput(output)
    .description('Cloud billing exports in, one FOCUS dataset out: exact, restated, explained.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    // An option belongs to the command before it: `allocate` and its own commands have some of the same name.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(focal --help shows the commands)')
    .addHelpText(
      'after',
      '\nTry it:\n  $ focal demo          everything, on small bills that it writes itself\n  $ focal init          a commented focal.yaml to start from\n  $ focal run           what a nightly job runs\n\nExit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 some units failed, 4 a check failed.',
    )
  return {
    program,
    version,
    add: (name, summary, examples, parent = program) =>
      parent
        .command(name)
        .description(summary)
        .exitOverride()
        .option('--verbose', 'add stack traces to errors')
        .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`),
    does:
      (load, more = {}) =>
      (...words) => {
        const command = words.at(-1) as Command
        const named = command.registeredArguments.map((argument, at) => [argument.name(), command.processedArgs[at]])
        return perform(load, { ...command.opts(), ...Object.fromEntries(named), ...more })
      },
  }
}

export function configOption(): Option {
  return new Option('-c, --config <file>', 'the configuration').default('focal.yaml')
}

export function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a whole number above 0.')
}

/** Kept as text: the comparison with it is exact. */
export function percentage(text: string): string {
  if (/^(100|\d{1,2})(\.\d{1,6})?$/.test(text) && Number(text) <= 100) return text
  throw new InvalidArgumentError('Expected a percentage such as 85 or 97.5.')
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
