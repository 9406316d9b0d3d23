import { Option } from 'commander'
import { configOption, wholeNumber, type CommandLine } from './command-line.ts'

/** From bills to the lake, and what is asked of it. */
export function addLakeCommands({ add, does }: CommandLine): void {
  add('demo', 'write small billing exports and run everything on them', [
    'focal demo',
    'focal demo --dir /tmp/demo',
    'focal demo --rows 1000000',
  ])
    .option('--dir <folder>', 'where to write', './focal-demo')
    .option('--rows <count>', 'about how many line items each month and export holds', wholeNumber)
    .option('--seed <number>', 'another company', wholeNumber)
    .action(does(async () => (await import('../commands/demo.ts')).demo))

  add('init', 'write a commented focal.yaml', ['focal init', 'focal init --config billing/focal.yaml'])
    .addOption(configOption())
    .action(does(async () => (await import('../commands/init.ts')).init))

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
    .action(does(async () => (await import('../commands/run.ts')).runCommand))

  add('status', 'what is published: version, delivery, rows, totals, when, open or closed', [
    'focal status',
    'focal status --json',
  ])
    .addOption(configOption())
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/status.ts')).status))

  add('diff', 'what the last restatement of a month changed, by service and sub account', [
    'focal diff --source aws-main --period 2026-10',
  ])
    .addOption(configOption())
    .requiredOption('-s, --source <name>', 'the source')
    .requiredOption('-p, --period <month>', 'the billing period')
    .option('--json', 'as JSON')
    .action(does(async () => (await import('../commands/diff.ts')).diff))

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
    .action(does(async () => (await import('../commands/validate.ts')).validate))

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
    .action(does(async () => (await import('../commands/query.ts')).query))

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
    .action(does(async () => (await import('../commands/export.ts')).exportCommand))

  add('explain', "where a column's values come from", [
    'focal explain EffectiveCost',
    'focal explain ListCost --source aws-main',
  ])
    .argument('<column>', 'a FOCUS or x_ column')
    .addOption(configOption())
    .option('-s, --source <name>', 'only this source, with what its rows hold')
    .action(does(async () => (await import('../commands/explain.ts')).explain))
}
