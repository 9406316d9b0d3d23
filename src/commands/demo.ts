import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../config/config.ts'
import { UserError } from '../core/errors.ts'
import type { DemoBill, DemoCloud } from '../demo/cloud.ts'
import { allocationFiles, writeAllocationRules } from '../demo/allocation/write-rules.ts'
import { financeFiles, financeSection, writeFinance } from '../demo/finance/write-finance.ts'
import { writeInvoices } from '../demo/finance/write-invoices.ts'
import { demoClouds } from '../demo/index.ts'
import { run } from '../pipeline/run.ts'
import type { RunRecord } from '../pipeline/state.ts'
import { configured, type Configured } from './configured.ts'
import { proveTotals, sumBills } from './demo-bills.ts'
import { describeStatementsOf } from './demo-statements.ts'
import { describeTeams } from './demo-teams.ts'
import { describeUnits, exitOf, textReporter } from './run.ts'
import { newRunId } from './run-id.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly dir: string
  readonly rows?: number
  readonly seed?: number
}

/** `focal demo`: writes bills, runs everything on them, restates a month, and proves that the totals tie. */
export async function demo(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const directory = path.resolve(terminal.cwd, options.dir)
  const say = (text: string) => terminal.stdout.write(`${text}\n`)
  await clearFolder(directory, options.dir)
  const clouds = await Promise.all(demoClouds.map((load) => load()))
  const request = { directory, seed: options.seed ?? 7, rows: options.rows ?? 3_000, signal }

  say(`Writing bills as the providers deliver them into ${options.dir}/bills …`)
  const first = await writeBills(clouds, { ...request, delivery: 1 })
  const periods = [...new Set(first.map(({ period }) => period))].toSorted()
  const { config, lake } = await writeConfig(directory, clouds, periods.at(-1) ?? '', terminal)
  await writeAllocationRules(directory, periods)
  await writeFinance(directory, periods)
  say('\n1. The first night: every month is new.\n')
  const night1 = await runOnce({ config, lake }, terminal, signal)
  say(await describeUnits(night1, lake))

  say('\n2. The second night: the providers have restated the open month; the others are up to date.\n')
  const second = await writeBills(clouds, { ...request, delivery: 2 })
  const night2 = await runOnce({ config, lake }, terminal, signal)
  say(await describeUnits(night2, lake))

  say('\n3. Do the totals tie? Each bill summed by plain SQL over its own files, against the lake:\n')
  const newest = new Map([...first, ...second].map((bill) => [`${bill.source} ${bill.period}`, bill]))
  const bills = await sumBills({ config, lake }, [...newest.values()])
  await writeInvoices(directory, bills)
  say(await proveTotals({ config, lake }, bills))

  const newestPeriod = periods.at(-1) ?? ''
  say(`\n4. Who owes it? allocation.yaml splits what everybody uses; EffectiveCost of ${newestPeriod}:\n`)
  say(await describeTeams({ config, lake }, newestPeriod, signal))
  say(`\n5. Month end: a statement for each target, what is charged as a journal, ${newestPeriod}:\n`)
  say(await describeStatementsOf({ config, lake }, newestPeriod, signal))
  say(
    describeNext(options.dir, config, terminal.env['npm_lifecycle_event'] === undefined ? 'focal' : 'npm run focal --'),
  )
  return Math.max(exitOf(night1), exitOf(night2))
}

/** Only a folder that a demo made is written over. */
async function clearFolder(directory: string, name: string): Promise<void> {
  const names = await readdir(directory).catch((): string[] => [])
  if (names.length > 0 && !names.includes('focal.yaml')) {
    throw new UserError(`${name} holds other files`, { hint: 'Name an empty or a new folder with --dir.' })
  }
  await Promise.all(
    ['bills', 'lake', '.focal', 'focal.yaml', ...allocationFiles, ...financeFiles].map((made) =>
      rm(path.join(directory, made), { recursive: true, force: true }),
    ),
  )
  await mkdir(directory, { recursive: true })
}

/** The bills end with `until`, so that nobody waits for newer ones. */
async function writeConfig(
  directory: string,
  clouds: readonly DemoCloud[],
  until: string,
  terminal: Terminal,
): Promise<Configured> {
  const sources = clouds
    .flatMap((cloud) => cloud.sources)
    .map(
      ({ name, connector, location }) =>
        `  - name: ${name}\n    connector: ${connector}\n    location: ${location}\n    until: ${until}\n`,
    )
  const file = path.join(directory, 'focal.yaml')
  await writeFile(
    file,
    `# Written by focal demo. \`focal init\` writes one with every key explained.
lake: ./lake
focusVersion: "1.2"
sources:
${sources.join('')}allocation: ./allocation.yaml
${financeSection}periods: 3
engine: { memoryLimit: 2GB }
`,
  )
  return configured(file, terminal)
}

async function writeBills(
  clouds: readonly DemoCloud[],
  request: Parameters<DemoCloud['write']>[0],
): Promise<DemoBill[]> {
  return (await Promise.all(clouds.map((cloud) => cloud.write(request)))).flat()
}

async function runOnce(made: Configured, terminal: Terminal, signal: AbortSignal): Promise<RunRecord> {
  // The run's own lines would repeat the table; only a bar on a terminal is worth showing.
  const report = terminal.stderr.isTTY ? textReporter(terminal.stderr) : () => undefined
  return run({ ...made, runId: newRunId(terminal.now()), now: terminal.now, report, signal }, {})
}

function describeNext(dir: string, { sources }: Config, focal: string): string {
  const config = `--config ${dir}/focal.yaml`
  const restated = sources[0]?.name ?? ''
  return `
The dataset is ${dir}/lake: read it with anything that reads Parquet,
  SELECT * FROM '${dir}/lake/focus/**/*.parquet'

Look at it next:
  ${focal} query ${config} "SELECT ServiceCategory, sum(EffectiveCost) AS cost FROM focus GROUP BY ALL ORDER BY cost DESC"
  ${focal} diff ${config} --source ${restated} --period 2026-10
  ${focal} explain ${config} EffectiveCost --source ${restated}
  ${focal} tags ${config}
  ${focal} allocate explain ${config} --target payments --period 2026-10
  ${focal} allocate diff ${config} --period 2026-10
  ${focal} reconcile ${config} --period 2026-10
  ${focal} report chargeback ${config} --period 2026-10 --target payments --format pdf --output ${dir}/for-payments`
}
