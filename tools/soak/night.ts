import { loadConfig } from '../../src/config/config.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { run } from '../../src/pipeline/run.ts'
import { openSink } from '../../src/sinks/open.ts'

/**
 * One night's run in a process of its own, on a day that is given. Arguments: the configuration, the day. Prints a line
 * for every event as it happens, so that whoever kills it knows how far it came, and its outcome at the end.
 */
const [configFile = '', today = ''] = process.argv.slice(2)
const config = await loadConfig(configFile, {})
const { lakeOptions: options, workDirectory } = config
const print = (line: string) => void process.stdout.write(`${line}\n`)
const named = (event: RunEvent) => (event.type === 'unit-step' ? event.step : event.type)

const { outcome } = await run(
  {
    config,
    lake: await openSink(config.lake, { options, workDirectory, env: process.env }),
    runId: `night-${today}-${process.pid}`,
    now: () => new Date(`${today}T06:00:00Z`),
    report: (event) => print(named(event)),
  },
  {},
)
print(`outcome ${outcome}`)
