import { mkdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '../core/errors.ts'
import { openSink } from '../sinks/open.ts'
import { partitionPath, type Sink } from '../sinks/sink.ts'
import type { Terminal } from './terminal.ts'

/**
 * Brings the published FOCUS rows of a lake in a bucket to this machine, as they lie in the lake; gives back the folder
 * that stands for the lake. UserError when there are none.
 */
export async function bringLake(address: string, folder: string, { env }: Terminal, signal: AbortSignal) {
  const sink = await openSink(address, { workDirectory: path.join(folder, 'work'), env })
  const names = await publishedPartitions(sink)
  if (names.length === 0) {
    throw new UserError('nothing is published in this lake', {
      where: { file: address },
      hint: 'Check the address; `focal run` publishes.',
    })
  }
  for (const name of names) {
    signal.throwIfAborted()
    const [file] = await sink.readable([name])
    const target = path.join(folder, 'lake', name)
    await mkdir(path.dirname(target), { recursive: true })
    if (file !== undefined) await rename(file, target)
  }
  return path.join(folder, 'lake')
}

async function publishedPartitions(sink: Sink): Promise<string[]> {
  const names: string[] = []
  for (const month of await sink.listNames('focus')) {
    for (const source of await sink.listNames(`focus/${month}`)) {
      const [, period] = /^billing_period=(.+)$/.exec(month) ?? []
      const [, name] = /^source=(.+)$/.exec(source) ?? []
      if (period !== undefined && name !== undefined) {
        names.push(partitionPath({ dataset: 'focus', period, source: name }))
      }
    }
  }
  return names
}
