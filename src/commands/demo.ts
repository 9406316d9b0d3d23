import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../config/config.ts'
import { trimZeros } from '../core/decimal.ts'
import { openSession } from '../core/duckdb.ts'
import { DataError, UserError } from '../core/errors.ts'
import type { DemoBill, DemoCloud } from '../demo/cloud.ts'
import { allocationFiles, writeAllocationRules } from '../demo/allocation/write-rules.ts'
import { demoClouds } from '../demo/index.ts'
import { run } from '../pipeline/run.ts'
import { readUnits, type RunRecord } from '../pipeline/state.ts'
import { configured, type Configured } from './configured.ts'
import { describeTeams } from './demo-teams.ts'
import { describeUnits, exitOf, textReporter } from './run.ts'
import { newRunId } from './run-id.ts'
import { money, table } from './table.ts'
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
  const { config, lake } = await writeConfig(directory, clouds, terminal)
  const request = { directory, seed: options.seed ?? 7, rows: options.rows ?? 3_000, signal }

  say(`Writing bills as the providers deliver them into ${options.dir}/bills …`)
  const first = await writeBills(clouds, { ...request, delivery: 1 })
  const periods = [...new Set(first.map(({ period }) => period))].toSorted()
  await writeAllocationRules(directory, periods)
  say('\n1. The first night: every month is new.\n')
  const night1 = await runOnce({ config, lake }, terminal, signal)
  say(await describeUnits(night1, lake))

  say('\n2. The second night: the providers have restated the open month; the others are up to date.\n')
  const second = await writeBills(clouds, { ...request, delivery: 2 })
  const night2 = await runOnce({ config, lake }, terminal, signal)
  say(await describeUnits(night2, lake))

  say('\n3. Do the totals tie? Each bill summed by plain SQL over its own files, against the lake:\n')
  const newest = new Map([...first, ...second].map((bill) => [`${bill.source} ${bill.period}`, bill]))
  say(await proveTotals({ config, lake }, [...newest.values()]))

  const newestPeriod = periods.at(-1) ?? ''
  say(`\n4. Who owes it? allocation.yaml splits what everybody uses; EffectiveCost of ${newestPeriod}:\n`)
  say(await describeTeams({ config, lake }, newestPeriod, signal))
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
    ['bills', 'lake', '.focal', 'focal.yaml', ...allocationFiles].map((made) =>
      rm(path.join(directory, made), { recursive: true, force: true }),
    ),
  )
  await mkdir(directory, { recursive: true })
}

async function writeConfig(directory: string, clouds: readonly DemoCloud[], terminal: Terminal): Promise<Configured> {
  const sources = clouds
    .flatMap((cloud) => cloud.sources)
    .map(
      ({ name, connector, location }) => `  - name: ${name}\n    connector: ${connector}\n    location: ${location}\n`,
    )
  const file = path.join(directory, 'focal.yaml')
  await writeFile(
    file,
    `# Written by focal demo. \`focal init\` writes one with every key explained.\nlake: ./lake\nfocusVersion: "1.2"\nsources:\n${sources.join('')}allocation: ./allocation.yaml\nperiods: 3\nengine: { memoryLimit: 2GB }\n`,
  )
  return configured(file, terminal)
}

async function writeBills(
  clouds: readonly DemoCloud[],
  request: Parameters<DemoCloud['write']>[0],
): Promise<DemoBill[]> {
  const bills: DemoBill[] = []
  for (const cloud of clouds) bills.push(...(await cloud.write(request)))
  return bills
}

async function runOnce(made: Configured, terminal: Terminal, signal: AbortSignal): Promise<RunRecord> {
  // The run's own lines would repeat the table; only a bar on a terminal is worth showing.
  const report = terminal.stderr.isTTY ? textReporter(terminal.stderr) : () => undefined
  return run({ ...made, runId: newRunId(terminal.now()), now: terminal.now, report, signal }, {})
}

/** DataError when a total of the lake is not the bill's own, to the last digit. */
async function proveTotals({ config, lake }: Configured, bills: readonly DemoBill[]): Promise<string> {
  const units = await readUnits(lake)
  const session = await openSession({ ...config.engine, tempDirectory: path.join(config.workDirectory, 'spill') })
  try {
    const rows: string[][] = []
    for (const bill of bills) {
      const unit = units.find(({ source, period }) => source === bill.source && period === bill.period)
      const [billed, published] = [trimZeros(await bill.billed(session)), trimZeros(unit?.totals[0]?.billedCost ?? '')]
      if (billed !== published) {
        throw new DataError(`the bill says ${billed}, the lake says ${published}`, {
          where: { source: bill.source, period: bill.period },
        })
      }
      rows.push([bill.source, bill.period, money(billed), money(published), 'ties'])
    }
    return table(['source', 'period', 'sum over the bill', 'BilledCost in the lake', ''], rows)
  } finally {
    session.close()
  }
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
  ${focal} allocate diff ${config} --period 2026-10`
}
