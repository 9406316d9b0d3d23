import { loadConfig } from '../../src/config/config.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { openSink } from '../../src/sinks/open.ts'
import { run } from '../../src/pipeline/run.ts'

/**
 * A run that kills itself. Arguments: the configuration, and as JSON the event to die at (its fields as far as
 * they are given), after so many milliseconds.
 */
const [configFile = '', at = '{}', afterMs = '0'] = process.argv.slice(2)
const wanted = Object.entries(JSON.parse(at) as Record<string, unknown>)

const die = () => process.kill(process.pid, 'SIGKILL')
const report = (event: RunEvent) => {
  const fields = new Map(Object.entries(event))
  if (!wanted.every(([name, value]) => fields.get(name) === value)) return
  if (afterMs === '0') die()
  else setTimeout(die, Number(afterMs))
}

const config = await loadConfig(configFile, {})
const { lakeOptions: options, workDirectory } = config
await run(
  {
    config,
    lake: await openSink(config.lake, { options, workDirectory, env: process.env }),
    runId: `killed-${process.pid}`,
    now: () => new Date('2026-11-20T06:00:00Z'),
    report,
  },
  {},
)
