import path from 'node:path'
import { loadConfig, type Config } from '../config/config.ts'
import { openSink } from '../sinks/open.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Terminal } from './terminal.ts'

/** The configuration that a command was given, and its lake. */
export interface Configured {
  readonly config: Config
  readonly lake: Sink
}

export async function configured(file: string, terminal: Terminal): Promise<Configured> {
  const config = await loadConfig(path.resolve(terminal.cwd, file), terminal.env)
  return {
    config,
    lake: await openSink(config.lake, {
      options: config.lakeOptions,
      workDirectory: config.workDirectory,
      env: terminal.env,
    }),
  }
}
