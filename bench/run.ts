import { execFile } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { openSession } from '../src/core/duckdb.ts'
import { billOf, formats, type Bill, type Format } from './formats.ts'
import { markdown, median, noise, type FormatResult, type Report } from './report.ts'
import type { Measured, TaskRequest } from './task.ts'

/**
 * How fast bills become FOCUS rows, beside what DuckDB alone takes for the same files:
 *
 *   npm run bench -- --rows 5000000 --formats aws-cur2-parquet,gcp-json.gz --runs 3 --json result.json
 *
 * Every measurement is a process of its own; the tasks take turns, so that a busy minute is shared by all. The total of
 * every whole run is compared with the bill's own.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    formats: { type: 'string', default: formats.map(({ name }) => name).join(',') },
    threads: { type: 'string', default: String(availableParallelism()) },
    memory: { type: 'string', default: '1GB' },
    json: { type: 'string' },
  },
})

const engine = { memoryLimit: values.memory, threads: Number(values.threads) }
const tasks: readonly TaskRequest['task'][] = ['bare copy', 'FOCUS query', 'whole run']

const results: FormatResult[] = []
for (const name of values.formats.split(',')) {
  const format = formats.find((one) => one.name === name)
  if (format === undefined) throw new Error(`no format ${name}: one of ${formats.map((one) => one.name).join(', ')}`)
  results.push(await measureFormat(format))
}
const report: Report = {
  at: new Date().toISOString(),
  machine: `${cpus()[0]?.model.trim() ?? '?'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
  engine,
  results,
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`)
process.stdout.write(markdown(report))

async function measureFormat(format: Format): Promise<FormatResult> {
  process.stderr.write(`${format.name}: the bill\n`)
  const bill = await billOf(format, Number(values.rows))
  const facts = await factsOf(format, bill)
  const measured: Record<string, Measured[]> = {}
  const loads: number[] = []
  for (let turn = 0; turn < Number(values.runs); turn++) {
    for (const task of tasks) {
      loads.push(loadavg()[0] ?? 0)
      const result = await inChild({ task, format: format.name, bill, engine })
      process.stderr.write(`${format.name}: ${task} ${result.seconds.toFixed(1)} s\n`)
      if (result.billed !== undefined) refuseWrongTotal(format, facts.billed, result.billed)
      ;(measured[task] ??= []).push(result)
    }
  }
  return {
    format: format.name,
    ...facts,
    load: median(loads),
    noise: Math.max(...Object.values(measured).map((runs) => noise(runs.map(({ seconds }) => seconds)))),
    tasks: measured,
  }
}

async function inChild(request: TaskRequest): Promise<Measured> {
  const task = fileURLToPath(new URL('task.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [task, JSON.stringify(request)])
  return JSON.parse(stdout) as Measured
}

async function factsOf({ raw, billed }: Format, { files }: Bill) {
  const session = await openSession({ ...engine, tempDirectory: path.join(tmpdir(), 'focal-bench', 'spill') })
  try {
    await session.set('files', files)
    const [count] = await session.rows<{ rows: string }>(`SELECT count(*) AS rows FROM ${raw}`)
    const [total] = await session.rows<{ billed: string }>(billed)
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
    return {
      rows: Number(count?.rows),
      billed: total?.billed ?? '0',
      bytesIn: sizes.reduce((sum, size) => sum + size, 0),
    }
  } finally {
    session.close()
  }
}

function refuseWrongTotal({ name }: Format, expected: string, found: string): void {
  const plain = (text: string) => text.replace(/\.?0*$/, '')
  if (plain(expected) !== plain(found)) throw new Error(`${name}: the bill says ${expected}, the lake ${found}`)
}
