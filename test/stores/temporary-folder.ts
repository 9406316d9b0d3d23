import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of the running test's own, deleted when it ends; a real path, as stores return them. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-test-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
