import { expect, test } from 'vitest'
import { inOrder } from '../../../../src/transforms/allocation/allocate.ts'
import { allocate } from './month.ts'
import { makeRuleSet, makeSplit } from './rules.ts'

const rules = makeRuleSet({
  targets: ['blue', 'red'],
  pools: ['shared'],
  splits: [
    makeSplit({ id: 'S1', pool: 'shared', method: { kind: 'even', over: [{ target: 'red' }, { target: 'blue' }] } }),
  ],
})

const charges = Array.from({ length: 1200 }, (_, row) => ({
  source: row % 3 === 0 ? 'one' : 'two',
  ServiceName: ['shared', 'blue', 'nothing'][row % 7] ?? 'red',
  Cost: `${row}.000000000000000001`,
}))

test('the rows of a source come in the order of their charges, then of target and way, and are all there', async () => {
  const session = await allocate(rules, charges, { threads: 2 })
  await inOrder(session, 'two', (relation) => session.run(`CREATE TABLE found AS FROM ${relation}`))
  const columns = 'source, x_OriginRow, x_Target, x_PoolPath, BilledCost, ConsumedQuantity, x_AllocationReason'
  const sorted = await session.rows(
    `SELECT ${columns} FROM allocated WHERE source = 'two' ORDER BY x_OriginRow, x_Target, x_PoolPath`,
  )
  expect(await session.rows(`SELECT ${columns} FROM found ORDER BY rowid`)).toEqual(sorted)
  expect(sorted.length).toBeGreaterThan(800)
  expect(await session.rows("SELECT current_setting('threads') AS threads")).toEqual([{ threads: '2' }])
  session.close()
})
