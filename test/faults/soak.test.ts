import { expect, test } from 'vitest'
import { soak } from '../../tools/soak/nights.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** A short one of what `npm run soak` does for two hundred nights. */
test('after ten nights with restatements and kills each month is what a fresh run makes of it', async () => {
  const lines: string[] = []
  const result = await soak({
    folder: temporaryFolder(),
    nights: 10,
    seed: 7,
    killed: 0.5,
    report: (line) => lines.push(line),
  })
  expect(lines).toHaveLength(10)
  expect(result).toMatchObject({ nights: 10, months: 11, equal: 11 })
  expect(result.completed).toBeLessThan(10)
  expect(result.restatements).toBeGreaterThan(0)
})
