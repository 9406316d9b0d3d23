import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { describeError, exitCode, FocalError } from './core/errors.ts'
import type { Terminal } from './commands/terminal.ts'

/** Everything a command may touch of the process it runs in. */
const terminal = (): Terminal => ({
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  now: () => new Date(),
})

type Action = (options: never, terminal: Terminal, signal: AbortSignal) => Promise<number>

/**
 * Runs one command line and gives back the exit code: 0 done, 1 failed, 2 bad usage or configuration,
 * 3 some units failed, 4 a check failed.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const abort = new AbortController()
  const stop = () => abort.abort(new Error('interrupted: nothing half-written is left; run again to go on'))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  let code: number = exitCode.done
  const program = commands(async (load, options) => {
    const action = await load()
    code = await action(options as never, terminal(), abort.signal)
  })
  try {
    await program.parseAsync([...argv])
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage
    return fail(abort.signal.aborted ? abort.signal.reason : error, argv.includes('--verbose'))
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

function fail(error: unknown, verbose: boolean): number {
  process.stderr.write(`error: ${describeError(error)}\n`)
  if (verbose && error instanceof Error)
    process.stderr.write(`${error.stack}\n${error.cause instanceof Error ? `caused by ${error.cause.stack}\n` : ''}`)
  return error instanceof FocalError ? error.exitCode : exitCode.failed
}

type Perform = (load: () => Promise<Action>, options: Record<string, unknown>) => Promise<void>

function commands(perform: Perform): Command {
  const program = new Command('focal')
    .description('Cloud billing exports in, one FOCUS dataset out: exact, restated, explained.')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('(focal --help shows the commands)')
    .addHelpText(
      'after',
      '\nTry it:\n  $ focal demo          everything, on small bills that it writes itself\n  $ focal init          a commented focal.yaml to start from\n  $ focal run           what a nightly job runs\n\nExit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 some units failed, 4 a check failed.',
    )

  const add = (name: string, summary: string, examples: readonly string[]) =>
    program
      .command(name)
      .description(summary)
      .exitOverride()
      .option('--verbose', 'add stack traces to errors')
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`)

  add('demo', 'write small billing exports and run everything on them', [
    'focal demo',
    'focal demo --dir /tmp/demo',
    'focal demo --rows 1000000',
  ])
    .option('--dir <folder>', 'where to write', './focal-demo')
    .option('--rows <count>', 'about how many line items each month and export holds', wholeNumber)
    .option('--seed <number>', 'another company', wholeNumber)
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/demo.ts')).demo, options),
    )

  add('init', 'write a commented focal.yaml', ['focal init', 'focal init --config billing/focal.yaml'])
    .addOption(configOption())
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/init.ts')).init, options),
    )

  add('run', 'bring every new delivery into the lake: discover, fetch, normalise, check, publish', [
    'focal run',
    'focal run --dry-run',
    'focal run --source aws-main --period 2026-08..2026-10 --full',
  ])
    .addOption(configOption())
    .option('-s, --source <names...>', 'only these sources')
    .option('-p, --period <months>', 'only these billing periods: 2026-10, or 2026-08..2026-10')
    .option('--full', 'publish again what is up to date')
    .option('--dry-run', 'print the plan and change nothing')
    .option('--json', 'log as JSON lines, and print the run record as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/run.ts')).runCommand, options),
    )

  add('status', 'what is published: version, delivery, rows, totals, when, open or closed', [
    'focal status',
    'focal status --json',
  ])
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/status.ts')).status, options),
    )

  add('diff', 'what the last restatement of a month changed, by service and sub account', [
    'focal diff --source aws-main --period 2026-10',
  ])
    .addOption(configOption())
    .requiredOption('-s, --source <name>', 'the source')
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/diff.ts')).diff, options),
    )

  add('validate', 'check any FOCUS file, folder or lake', [
    'focal validate lake',
    'focal validate export.csv --focus-version 1.2',
    'focal validate lake --json',
  ])
    .argument('<path>', 'a Parquet or CSV file, a folder of them, or a lake')
    .option('--focus-version <version>', 'told from the columns when not given')
    .option('--json', 'as JSON')
    .action((path: string, options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/validate.ts')).validate, { ...options, path }),
    )

  add('query', 'DuckDB SQL over views of the lake: focus, units', [
    'focal query "SELECT ServiceName, sum(EffectiveCost) FROM focus GROUP BY ALL ORDER BY 2 DESC"',
    'focal query --format csv "FROM focus LIMIT 10"',
  ])
    .argument('<sql>', 'one SELECT')
    .addOption(configOption())
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'csv', 'json']).default('table'))
    .action((sql: string, options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/query.ts')).query, { ...options, sql }),
    )

  add('explain', "where a column's values come from", [
    'focal explain EffectiveCost',
    'focal explain ListCost --source aws-main',
  ])
    .argument('<column>', 'a FOCUS or x_ column')
    .addOption(configOption())
    .option('-s, --source <name>', 'only this source, with what its rows hold')
    .action((column: string, options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/explain.ts')).explain, { ...options, column }),
    )
  return program
}

function configOption(): Option {
  return new Option('-c, --config <file>', 'the configuration').default('focal.yaml')
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a whole number above 0.')
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
