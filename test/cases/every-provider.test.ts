import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the cases of every provider are run; those of allocation have a runner of their own', () => {
  const here = fileURLToPath(new URL('.', import.meta.url))
  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const without = folders.map(({ name }) => name).filter((name) => !existsSync(path.join(here, `${name}.test.ts`)))
  expect(without).toEqual(['allocation'])
})
