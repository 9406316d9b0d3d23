import path from 'node:path'
import { expect, test } from 'vitest'
import { loadCase, placeInput } from '../../cases/case.ts'
import { workspace } from '../../cases/refusal.ts'

test('a month of an enterprise agreement, which names no invoice, is closed on the fifth day after it', async () => {
  const { folder, lake } = workspace()
  await placeInput(loadCase('azure', 'plain-usage'), path.join(folder, 'bill'))
  await lake.run([{ name: 'bill', connector: 'azure', options: { location: './bill' } }])
  expect(await lake.units()).toMatchObject([{ period: '2025-01', status: 'closed', settlesOn: '2025-02-06' }])
})
