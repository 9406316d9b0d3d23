import { expect, test } from 'vitest'
import { soak } from '../../tools/soak/nights.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** A short one of what `npm run soak` does for two hundred nights. */
test('after eight nights with restatements and kills each month is what a fresh run makes of it', async () => {
  const lines: string[] = []
  const result = await soak({
    folder: temporaryFolder(),
    nights: 8,
    seed: 15,
    killed: 0.5,
    report: (line) => lines.push(line),
  })
  expect(lines).toHaveLength(8)
  expect(result).toMatchObject({ nights: 8, months: 8, equal: 8, restatements: 2, withdrawals: 1 })
  // Four are to be killed; a run that is quick may be done before.
  expect(result.completed).toBeGreaterThanOrEqual(4)
  const killed = Object.values(result.killedAfter).reduce((sum, count) => sum + count, 0)
  expect(killed).toBe(8 - result.completed)
})
