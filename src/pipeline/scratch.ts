import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { Config } from '../config/config.ts'
import type { RunContext } from './context.ts'

/**
 * The folder for scratch files of runs on this lake. Each lake has its own: configurations beside one another
 * share a working folder by default, but the lock that lets a run clear what is left in it is the lake's.
 */
export function scratchFolder({ lake, workDirectory }: Config): string {
  return path.join(workDirectory, 'scratch', createHash('sha256').update(lake).digest('hex').slice(0, 12))
}

/** Deletes what was written aside and all scratch files. Only for the run that holds the lake's lock. */
export async function clearLeftovers({ config, lake }: Pick<RunContext, 'config' | 'lake'>): Promise<void> {
  await lake.clearAside()
  await rm(scratchFolder(config), { recursive: true, force: true })
}
