import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'

/** A folder for the tests of the describe block or file that asks, made before the first and deleted after the last. */
export function temporaryFolderOfFile(): () => string {
  let folder = ''
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-aws-')))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return () => folder
}
