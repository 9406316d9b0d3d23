import type { Config } from '../config/config.ts'
import { lanesOf } from '../core/duckdb.ts'
import { megabytesOfLane } from './write-rows.ts'

/** What the rows of a unit, or of an allocated month, are made with. */
export type Engine = Config['engine']

/** Where each gets its part of the engine. */
export interface EngineRoom {
  /**
   * Begins `work` as soon as there is room for it, and resolves then: `done` is what comes of it. `bytes` is the size of the files
   * that it reads, packed: small work gets one thread and its share of memory, and is done beside others; large work gets everything.
   * With an engine that has room for one, the work is done when this resolves. For one caller at a time.
   */
  begin<T>(bytes: number, work: (engine: Engine) => Promise<T>): Promise<{ done: Promise<T> }>
}

/** Less is done in a second or two, most of which its queries are planned for, by one thread. */
const largeBytes = 2e6

export function engineRoom(engine: Engine): EngineRoom {
  const memory = megabytes(engine.memoryLimit)
  const lanes = lanesOf(engine.threads, memory, megabytesOfLane)
  const share = { threads: 1, memoryLimit: `${Math.floor(memory / lanes)}MB` }
  const atWork = new Set<Promise<unknown>>()
  let isTaken = false
  return {
    async begin(bytes, work) {
      const isLarge = lanes < 2 || bytes > largeBytes
      const others = isLarge || isTaken ? 0 : lanes - 1
      while (atWork.size > others) await Promise.race(atWork)
      isTaken = isLarge
      const done = work(isLarge ? engine : share)
      const left = done.catch(() => undefined)
      atWork.add(left)
      void left.then(() => atWork.delete(left))
      if (lanes < 2) await left
      return { done }
    },
  }
}

const unitOfSize: Readonly<Record<string, number>> = {
  KB: 1e-3,
  MB: 1,
  GB: 1e3,
  TB: 1e6,
  KIB: 2 ** 10 / 1e6,
  MIB: 2 ** 20 / 1e6,
  GIB: 2 ** 30 / 1e6,
  TIB: 2 ** 40 / 1e6,
}

/** A size of memory as the configuration has it, `4GB` or `512 MiB`; no money, so that a double will do. */
function megabytes(size: string): number {
  const [, amount, unit = ''] = /^([\d.]+) ?([KMGT]i?B)$/i.exec(size) ?? []
  return Number(amount) * (unitOfSize[unit.toUpperCase()] ?? 0)
}
