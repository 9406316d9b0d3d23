import { describeError, exitCode, UserError } from '../core/errors.ts'
import { deliver, keepsIncidents, send, type Channel, type Notice } from '../notify/index.ts'
import { readTold, writeTold } from '../pipeline/notices/state.ts'
import { configured, type Configured } from './configured.ts'
import { newRunId } from './run-id.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly channel?: readonly string[]
}

/** `focal notify test`: sends a notice that says that it is a test. 0 when every channel took it, else 1. */
export async function notifyTest(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  const now = terminal.now()
  const notice: Notice = {
    key: `test-${newRunId(now)}`,
    kind: 'test',
    over: false,
    severity: 'info',
    title: 'A test: notices of focal arrive here',
    lines: [`The lake is ${made.lake.address}.`, 'Nothing is wrong, and nothing needs to be done.'],
    at: now.toISOString(),
  }
  let failures = 0
  for (const channel of channelsOf(made, options)) {
    try {
      await send({ notice, repeated: false }, channel, { now: terminal.now, signal })
      // It opens an incident, which nobody is to be woken by for long.
      if (keepsIncidents(channel))
        await send({ notice: { ...notice, over: true }, repeated: false }, channel, { now: terminal.now, signal })
      terminal.stdout.write(`${channel.name}  took it\n`)
    } catch (error) {
      signal.throwIfAborted()
      failures += 1
      terminal.stdout.write(`${channel.name}  did not: ${describeError(error)}\n`)
    }
  }
  return failures === 0 ? exitCode.done : exitCode.failed
}

/** `focal notify send`: sends what waits in the outbox. 0 when nothing waits any more, else 1. */
export async function notifySend(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  const channels = channelsOf(made, {})
  const { lake } = made
  return lake.hold(newRunId(terminal.now()), terminal.now(), async () => {
    const told = await readTold(lake)
    const { open, lines } = await deliver(lake, told.open, channels, { now: terminal.now, signal })
    await writeTold(lake, { ...told, open })
    terminal.stdout.write(`${lines.length === 0 ? 'Nothing waits in the outbox.' : lines.join('\n')}\n`)
    return open.length === 0 ? exitCode.done : exitCode.failed
  })
}

function channelsOf({ config }: Configured, { channel: names }: Pick<Options, 'channel'>): readonly Channel[] {
  const { channels } = config.notify ?? { channels: [] }
  if (channels.length === 0) {
    throw new UserError('the configuration names nobody to notify', {
      hint: 'Add a section notify: to it; docs/operations.md shows one.',
    })
  }
  const unknown = names?.find((name) => !channels.some((channel) => channel.name === name))
  if (unknown === undefined) return channels.filter(({ name }) => names?.includes(name) ?? true)
  throw new UserError(`there is no channel "${unknown}"`, {
    hint: `The configuration has ${channels.map(({ name }) => name).join(', ')}.`,
  })
}
