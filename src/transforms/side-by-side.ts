import { lanesWithin, onOneThread, type Session } from '../core/duckdb.ts'

/**
 * Does `work` for each item, as many side by side as the engine has threads and memory for, and gives the results in the order of
 * the items. Each has a session on one thread of its own, whose views and tables are in a schema of its own: so the
 * rows of a query keep their order, at half the processor time and memory of a query that keeps it on two threads.
 * The error is that of the first item that fails; work on items that follow it may not have begun.
 */
export async function sideBySide<Item, Result>(
  session: Session,
  items: readonly Item[],
  work: (session: Session, item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const lanes = Math.min(items.length, await lanesWithin(session, megabytesOfLane))
  return onOneThread(session, async () => {
    const forks: Session[] = []
    try {
      for (let lane = 0; lane < lanes; lane++) forks.push(await forkInto(session, `lane_${lane}`))
      return await shareOut(forks, items, work)
    } finally {
      for (const fork of forks) fork.close()
      for (const lane of forks.keys()) await session.run(`DROP SCHEMA lane_${lane} CASCADE`)
    }
  })
}

/** What staging one file takes at most: a row group that is being written, and what each expression works in. */
const megabytesOfLane = 300

async function forkInto(session: Session, schema: string): Promise<Session> {
  const fork = await session.fork()
  await fork.run(`CREATE SCHEMA ${schema}`)
  await fork.run(`SET search_path = '${schema},main'`)
  return fork
}

async function shareOut<Item, Result>(
  forks: readonly Session[],
  items: readonly Item[],
  work: (session: Session, item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const waiting = [...items.entries()]
  const results: Result[] = []
  const failures = new Map<number, unknown>()
  await Promise.all(
    forks.map(async (fork) => {
      for (let next = waiting.shift(); next !== undefined && failures.size === 0; next = waiting.shift()) {
        const [index, item] = next
        try {
          results[index] = await work(fork, item, index)
          await fork.returnMemory()
        } catch (error) {
          failures.set(index, error)
        }
      }
    }),
  )
  const first = [...failures.keys()].toSorted((a, b) => a - b)[0]
  if (first !== undefined) throw failures.get(first)
  return results
}
