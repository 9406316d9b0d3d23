import path from 'node:path'
import { openSession } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { historyPath, partitionPath } from '../../sinks/sink.ts'
import { proveParts } from '../allocate-proof.ts'
import { stockOf } from './book.ts'
import type { CloseContext } from './books.ts'
import type { Booked } from './events.ts'

type World = Pick<CloseContext, 'config' | 'lake' | 'signal'>

/**
 * Of allocated rows that are not those that were booked: the first charge that its parts do not sum to any more, in
 * words. Undefined when all still do, or the FOCUS rows of then are not kept any more.
 */
export async function alteredCharge(
  world: World,
  period: Period,
  { source, focus, partition }: Booked['sources'][number],
): Promise<string | undefined> {
  const { config, lake, signal } = world
  const origin = await originOf(world, period, { source, focus })
  const [parts] = await lake.readable([partition.path])
  if (origin === undefined || parts === undefined) return undefined
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  try {
    await proveParts(session, origin, parts, { source, period })
    return undefined
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof DataError)) return 'it cannot be read any more'
    return `x_OriginRow ${error.where.row ?? ''}: ${error.message}`
  } finally {
    session.close()
  }
}

/** The FOCUS rows that were allocated: published still, or superseded since. */
async function originOf(
  { lake }: World,
  period: Period,
  { source, focus }: Pick<Booked['sources'][number], 'source' | 'focus'>,
): Promise<string | undefined> {
  const rows = { dataset: 'focus', period, source }
  for (const name of [partitionPath(rows), historyPath(rows, focus.version)]) {
    if ((await stockOf(lake, name))?.sha256 === focus.sha256) return (await lake.readable([name]))[0]
  }
  return undefined
}
