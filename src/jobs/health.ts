import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { UserError } from '../core/errors.ts'
import type { ScheduleState } from './schedule.ts'

export interface HealthEndpoint {
  /** Where it listens, as `127.0.0.1:8080`. */
  readonly address: string
  readonly beat: (state: ScheduleState) => void
  close(): Promise<void>
}

/** Without a sign of life for this long, and no job at work, the scheduler hangs. */
const silentMs = 5 * 60_000

/**
 * `GET /healthz`: 200 while the scheduler looks after its jobs, else 503, with what it waits for as JSON. That a job
 * failed is not its concern: starting the process again would not mend it. UserError when the port is taken.
 */
export async function openHealth(host: string, port: number, now: () => Date): Promise<HealthEndpoint> {
  let last: ScheduleState | undefined
  const server = createServer((request, response) => {
    const known = request.url === '/healthz' && request.method === 'GET'
    const status = known ? (isAlive(last, now()) ? 200 : 503) : 404
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(`${JSON.stringify(known ? { alive: status === 200, ...last } : { error: 'try /healthz' })}\n`)
  })
  await listen(server, host, port)
  return {
    address: addressOf(server),
    beat: (state) => {
      last = state
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function isAlive(state: ScheduleState | undefined, now: Date): boolean {
  if (state === undefined) return false
  return state.jobs.some(({ running }) => running) || now.getTime() - state.at.getTime() < silentMs
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw new UserError(`the health endpoint cannot listen on ${host}:${port}`, {
      hint: 'Name another with --health; another `focal schedule` may be at work.',
      cause,
    })
  }
}

function addressOf(server: Server): string {
  const address = server.address()
  return typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : String(address)
}
