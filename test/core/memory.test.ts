import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lanesWithin, openSession } from '../../src/core/duckdb.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'focal-memory-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  // Threads decide where there is memory, memory where there are threads, and one session there always is.
  [{ memoryLimit: '4GB', threads: 2 }, 2],
  [{ memoryLimit: '1GB', threads: 16 }, 2],
  [{ memoryLimit: '2GiB', threads: 16 }, 4],
  [{ memoryLimit: '256MB', threads: 4 }, 1],
])('%o has room for %i of 480 MB', async (engine, lanes) => {
  const session = await openSession({ ...engine, tempDirectory: path.join(folder, 'spill') })
  try {
    expect(await lanesWithin(session, 480)).toBe(lanes)
    await session.returnMemory()
    expect(await lanesWithin(session, 480)).toBe(lanes)
  } finally {
    session.close()
  }
})
