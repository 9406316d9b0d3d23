import { once } from 'node:events'
import path from 'node:path'
import { exitCode, UserError } from '../core/errors.ts'
import { lakeStatements } from '../pipeline/close/statement-source.ts'
import { serveApi } from '../serve/server.ts'
import { readClients } from '../serve/tokens.ts'
import { configured } from './configured.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  /** `8080` or `127.0.0.1:8080`. */
  readonly listen: string
  /** A file of hashes. */
  readonly tokens?: string
  readonly version: string
}

/** `focal serve`: answers who asks for statements until it is told to stop; then 0. */
export async function serve(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(options.listen) ?? []
  if (port === undefined || Number(port) > 65_535) {
    throw new UserError(`"${options.listen}" is not a port`, { hint: 'Write --listen 8080, or --listen 0.0.0.0:8080.' })
  }
  const file = options.tokens === undefined ? undefined : path.resolve(terminal.cwd, options.tokens)
  const clients = await readClients(file, terminal.env)
  const made = await configured(options.config, terminal)
  const source = lakeStatements({ ...made, env: terminal.env, signal })
  const tell = (line: string) => terminal.stderr.write(`${line}\n`)
  const api = { source, clients, version: options.version }
  const listening = await serveApi(api, { host, port: Number(port), tell })
  tell(`statements: ${listening.address}/v1/periods, described by ${listening.address}/openapi.json`)
  if (!signal.aborted) await once(signal, 'abort')
  await listening.close()
  return exitCode.done
}
