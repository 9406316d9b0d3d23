import { spawn } from 'node:child_process'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server of somebody else's, as a process of its own on loopback. */
export interface ServerProcess {
  readonly port: number
  close(): Promise<void>
}

export interface Command {
  readonly command: string
  readonly args: (port: number) => readonly string[]
  readonly env?: Record<string, string>
}

/** Resolves once it takes connections. A port may be taken between its choice and its use: then another is tried. */
export async function startServer(command: Command): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await freePort(), command)
    } catch (error) {
      if (attempt === 3) throw error
    }
  }
}

async function startOn(port: number, { command, args, env = {} }: Command): Promise<ServerProcess> {
  const server = spawn(command, args(port), { env, stdio: 'ignore' })
  const exited = new Promise<string>((resolve) => {
    server.once('exit', (code, signal) => resolve(`exited with ${code ?? signal}`))
    server.once('error', (error) => resolve(error.message))
  })
  const close = async () => {
    server.kill()
    await exited
  }
  const outcome = await Promise.race([exited, listening(port)])
  if (outcome === 'listening') return { port, close }
  await close()
  throw new Error(`${command} did not start: ${outcome}`)
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function listening(port: number): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (answered) return 'listening'
    await sleep(100)
  }
  return 'not listening after 60 s'
}
