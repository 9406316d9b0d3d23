import { setTimeout as timer } from 'node:timers/promises'
import { exitCode, UserError } from '../core/errors.ts'
import { findJob } from '../jobs/find-jobs.ts'
import { openHealth, type HealthEndpoint } from '../jobs/health.ts'
import type { Job } from '../jobs/job.ts'
import { linesOf, type FocalCommands } from '../jobs/run-job.ts'
import { keepSchedule } from '../jobs/schedule.ts'
import { noticeKinds } from '../notify/index.ts'
import { configured } from './configured.ts'
import { lineTeller } from './line-teller.ts'
import { runAndTell } from './run-and-tell.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly names: readonly string[]
  readonly config: string
  /** `8080` or `127.0.0.1:8080`. */
  readonly health?: string
  readonly json?: boolean
  readonly commands: (configFile: string, json: boolean) => FocalCommands
}

/** `focal schedule`: runs jobs as they fall due until it is told to stop; then 0. Steps of jobs are looked at before. */
export async function schedule(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  const { now } = terminal
  const commands = options.commands(options.config, options.json ?? false)
  const jobs: Job[] = []
  for (const name of options.names.length > 0 ? options.names : ['nightly']) {
    const found = await findJob(name, { baseDirectory: made.config.baseDirectory, env: terminal.env, noticeKinds })
    linesOf(found, now(), commands)
    jobs.push(found)
  }
  const tell = await lineTeller(terminal.stderr, options.json ?? false)
  const health = options.health === undefined ? undefined : await listen(options.health, now)
  if (health !== undefined) tell(`health: http://${health.address}/healthz`)
  try {
    await keepSchedule(jobs, {
      store: made.lake,
      now,
      signal,
      tell,
      sleep: async (ms, stop) => timer(ms, undefined, { signal: stop }),
      run: async (job, due) => {
        const code = await runAndTell(job, due, { ...made, commands, now, signal, tell })
        tell(`${job.name} ended with ${code}`)
      },
      beat: health?.beat,
    })
  } finally {
    await health?.close()
  }
  tell('stopped; runs that fall due until the next start are made up for then')
  return exitCode.done
}

function listen(written: string, now: () => Date): Promise<HealthEndpoint> {
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(written) ?? []
  if (port === undefined || Number(port) > 65_535) {
    throw new UserError(`"${written}" is not a port`, { hint: 'Write --health 8080, or --health 0.0.0.0:8080.' })
  }
  return openHealth(host, Number(port), now)
}
