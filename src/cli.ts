import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError, Option, type OutputConfiguration } from 'commander'
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

type Perform = (load: () => Promise<Action>, options: Record<string, unknown>) => Promise<void>

function commands(perform: Perform, output: OutputConfiguration = {}): Command {
  const program = new Command('focal')
    .configureOutput(output)
    .description('Cloud billing exports in, one FOCUS dataset out: exact, restated, explained.')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
    // An option belongs to the command before it: `allocate` and its own commands have some of the same name.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(focal --help shows the commands)')
    .addHelpText(
      'after',
      '\nTry it:\n  $ focal demo          everything, on small bills that it writes itself\n  $ focal init          a commented focal.yaml to start from\n  $ focal run           what a nightly job runs\n\nExit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 some units failed, 4 a check failed.',
    )

  const add = (name: string, summary: string, examples: readonly string[], parent = program) =>
    parent
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
    .option('--wait', 'wait for a run that is at work on the lake')
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
    'focal validate lake --report gaps.html --junit focus.xml',
  ])
    .argument('<path>', 'a Parquet or CSV file, a folder of them, or a lake')
    .option('--focus-version <version>', 'told from the columns when not given')
    .option('--json', 'as JSON')
    .option('--junit <file>', 'also write the checks as JUnit XML')
    .option('--report <file>', 'also write a conformance gap report, .md or .html')
    .action((path: string, options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/validate.ts')).validate, { ...options, path }),
    )

  add('query', 'DuckDB SQL over views of the lake: focus, units', [
    'focal query "SELECT ServiceName, sum(EffectiveCost) FROM focus GROUP BY ALL ORDER BY 2 DESC"',
    'focal query --format csv "FROM focus LIMIT 10"',
    'focal query --focus-version 1.4 "SELECT DISTINCT ServiceProviderName FROM focus"',
    'focal query --use-cases',
    'focal query --use-case tag-coverage --param tag=team --param from=2026-08',
  ])
    .argument('[sql]', 'one SELECT')
    .option('--use-case <name>', 'a question of the FOCUS use-case library instead')
    .option('--param <values...>', 'name=value for the use case')
    .option('--use-cases', 'list the use cases with their parameters')
    .addOption(configOption())
    .addOption(new Option('--format <format>', 'how to print').choices(['table', 'csv', 'json']).default('table'))
    .option('--focus-version <version>', 'the columns of this FOCUS version, whatever the lake was written in')
    .action((sql: string | undefined, options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/query.ts')).query, { ...options, sql }),
    )

  const allocate = add('allocate', 'split shared cost by the rules, without fetching or normalising again', [
    'focal allocate',
    'focal allocate --period 2026-10 --full',
    'focal allocate explain --target payments --period 2026-10',
  ])
    .addOption(configOption())
    .option('-p, --period <months>', 'only these billing periods: 2026-10, or 2026-08..2026-10')
    .option('--full', 'allocate again what is up to date')
    .option('--json', 'log as JSON lines, and print the run record as JSON')
    .enablePositionalOptions()
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/allocate.ts')).allocate, options),
    )

  add(
    'explain',
    'where the cost of a target, or the parts of a charge, come from',
    [
      'focal allocate explain --target payments --period 2026-10',
      'focal allocate explain --charge aws-main:412 --period 2026-10',
    ],
    allocate,
  )
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('-t, --target <id>', 'who owes')
    .option('--charge <source:row>', 'one charge: its source, and its x_OriginRow')
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/allocate-explain.ts')).explainAllocation, options),
    )

  add(
    'simulate',
    'who would pay more or less by other rules; nothing is written',
    ['focal allocate simulate --rules new.yaml', 'focal allocate simulate --rules new.yaml --period 2026-10'],
    allocate,
  )
    .addOption(configOption())
    .requiredOption('-r, --rules <file>', 'the other rules')
    .option('-p, --period <months>', 'a billing period or a range; the newest when not given')
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/allocate-simulate.ts')).simulate, options),
    )

  add(
    'diff',
    'why the targets owe more or less than before: causes that sum to the difference',
    ['focal allocate diff --period 2026-10', 'focal allocate diff --period 2026-10 --against 1'],
    allocate,
  )
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('--against <what>', 'a version of the same month, or another month; the month before when not given')
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/allocate-diff.ts')).diffAllocation, options),
    )

  add('tags', 'how much of the cost is tagged: by key, by team, worst offenders, spellings', [
    'focal tags',
    'focal tags --by CostCenter --period 2026-10',
    'focal tags --fail-under 85',
  ])
    .addOption(configOption())
    .option('-p, --period <months>', 'a billing period or a range; the newest when not given')
    .option('--by <name>', 'a dimension of the allocation rules, or a tag key')
    .option('--fail-under <percent>', 'end with 4 when less of EffectiveCost is covered', percentage)
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/tags.ts')).tags, options),
    )

  const report = add('report', 'what finance sends and posts at month end', [
    'focal report chargeback --period 2026-10',
  ])
  add(
    'chargeback',
    "a month's statements, the controller's summary and the journal",
    [
      'focal report chargeback --period 2026-10',
      'focal report chargeback --period 2026-10 --target payments --format pdf --output for-payments',
      'focal report chargeback --period 2026-10 --format journal --profile netsuite',
    ],
    report,
  )
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('-t, --target <id>', 'only the statement of this target')
    .option(
      '--format <formats>',
      'any of xlsx, csv, html, pdf, json, journal, separated by commas',
      'xlsx,html,pdf,json',
    )
    .option('--profile <name>', 'ledger that a journal is for: generic, netsuite, sap, quickbooks, xero', 'generic')
    .addOption(
      new Option('--kind <kind>', 'final, or an estimate that is reversed')
        .choices(['final', 'accrual'])
        .default('final'),
    )
    .option('-o, --output <dir>', "where to write; the lake's reports/<period> when not given")
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/report.ts')).reportChargeback, options),
    )

  const books = (name: string, summary: string, examples: readonly string[], parent = program) =>
    add(name, summary, examples, parent)
      .addOption(configOption())
      .requiredOption('-p, --period <month>', 'the billing period')
      .option('--as <name>', 'who does it; FOCAL_AS when not given')

  books('close', 'bring a month of the books a step further: preliminary, review, closed', [
    'focal close --period 2026-10 --to review --as anna',
    'focal close --period 2026-10 --as bert',
  ])
    .addOption(new Option('--to <state>', 'bring it to this state').choices(['preliminary', 'review', 'closed']))
    .option('--despite <reason>', 'close it although it does not tie with its invoices; the books say why')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/close.ts')).close, options),
    )

  books('accept', 'a target agrees with its statement of a month under review', [
    'focal accept --period 2026-10 --target payments --as carl',
  ])
    .requiredOption('-t, --target <id>', 'who owes')
    .option('--comment <text>', 'what it says beside')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/accept.ts')).accept, options),
    )

  const dispute = program.command('dispute').description('what targets disagree with').exitOverride()
  books(
    'raise',
    'a target disagrees with its statement: the month stays open until that is resolved',
    ['focal dispute raise --period 2026-10 --target payments --reason "not our cluster" --as carl'],
    dispute,
  )
    .requiredOption('-t, --target <id>', 'who owes')
    .requiredOption('--reason <text>', 'why')
    .option('--amount <decimal>', 'how much of the statement')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/dispute.ts')).raise, options),
    )
  books(
    'resolve',
    'what came of a dispute',
    ['focal dispute resolve --period 2026-10 --number 1 --resolution "moved to search" --as anna'],
    dispute,
  )
    .requiredOption('--number <count>', 'which dispute of the month', wholeNumber)
    .requiredOption('--resolution <text>', 'what came of it')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/dispute.ts')).resolve, options),
    )

  books('correct', "let today's rules count for a closed month, and post the difference in an open one", [
    'focal correct --period 2026-09 --reason "cluster moved to search" --as bert',
  ])
    .requiredOption('--reason <text>', 'why')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/correct.ts')).correct, options),
    )

  books('reopen', 'open the newest closed month again, once two approvers have asked for it', [
    'focal reopen --period 2026-10 --reason "posted to the wrong year" --as bert',
  ])
    .requiredOption('--reason <text>', 'why')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/reopen.ts')).reopen, options),
    )

  add('serve', 'statements, lines and journals over HTTP, read-only, for who has a token', [
    'focal serve --listen 8080 --tokens tokens.yaml',
  ])
    .addOption(configOption())
    .option('--listen <address>', 'a port, or host:port', '127.0.0.1:8080')
    .option('--tokens <file>', 'SHA-256 of each token and what it may see; FOCAL_TOKEN may see all')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/serve.ts')).serve, { ...options, version: version() }),
    )

  const audit = program.command('audit').description('the books and their proof').exitOverride()
  add(
    'verify',
    'prove that nothing of the books was altered: the ledger, closed months, statements',
    ['focal audit verify', 'focal audit verify --head 5c1f…'],
    audit,
  )
    .addOption(configOption())
    .option('--head <sha256>', 'a head noted earlier, that must still be in the ledger')
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/audit.ts')).verify, options),
    )

  add('reconcile', "a month's charges against the providers' invoices, and every step from there to the statements", [
    'focal reconcile --period 2026-10',
  ])
    .addOption(configOption())
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('--json', 'as JSON')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/reconcile.ts')).reconcileCommand, options),
    )

  add('export', 'the published rows in any FOCUS version, as Parquet or csv, with FOCUS metadata', [
    'focal export --focus-version 1.4 --format csv --output for-finance',
    'focal export --focus-version 1.0 --period 2026-08..2026-10 --source aws-main',
  ])
    .addOption(configOption())
    .option('--focus-version <version>', 'that of the configuration when not given')
    .addOption(new Option('--format <format>', 'how to write').choices(['parquet', 'csv', 'csv.gz']).default('parquet'))
    .option('-p, --period <months>', 'only these billing periods: 2026-10, or 2026-08..2026-10')
    .option('-s, --source <names...>', 'only these sources')
    .option('-o, --output <dir>', 'where to write', 'focal-export')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/export.ts')).exportCommand, options),
    )

  add('job', 'the steps of a job, one after another, and notices of what came of it', [
    'focal job nightly',
    'focal job monthly-chargeback --dry-run',
    'focal job monthly-chargeback --at 2026-10-12',
  ])
    .argument('<name>', 'a job in jobs/ beside the configuration, or nightly or monthly-chargeback')
    .addOption(configOption())
    .option('--at <time>', 'the time that the job was due: it decides what its {lastMonth} is')
    .option('--dry-run', 'print the steps and run nothing')
    .option('--json', 'log as JSON lines')
    .action((name: string, options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/job.ts')).job, { ...options, name, commands: commandsOfJobs }),
    )

  add('schedule', 'run jobs as they fall due, and make up for those that were missed', [
    'focal schedule',
    'focal schedule nightly monthly-chargeback --health 8080',
  ])
    .argument('[names...]', 'jobs; nightly when none is named')
    .addOption(configOption())
    .option('--health <address>', 'answer GET /healthz on this port, or host:port')
    .option('--json', 'log as JSON lines')
    .action((names: string[], options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/schedule.ts')).schedule, {
        ...options,
        names,
        commands: commandsOfJobs,
      }),
    )

  const notify = program.command('notify').description('notices: try the channels, or send what waits').exitOverride()
  add(
    'test',
    'send a notice that says that it is a test',
    ['focal notify test', 'focal notify test --channel ops'],
    notify,
  )
    .addOption(configOption())
    .option('--channel <names...>', 'only these channels')
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/notify.ts')).notifyTest, options),
    )
  add('send', 'send what waits in the outbox', ['focal notify send'], notify)
    .addOption(configOption())
    .action((options: Record<string, unknown>) =>
      perform(async () => (await import('./commands/notify.ts')).notifySend, options),
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

/** Kept as text: the comparison with it is exact. */
function percentage(text: string): string {
  if (/^(100|\d{1,2})(\.\d{1,6})?$/.test(text) && Number(text) <= 100) return text
  throw new InvalidArgumentError('Expected a percentage such as 85 or 97.5.')
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
