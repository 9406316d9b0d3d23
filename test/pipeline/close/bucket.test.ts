import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runAllocation } from '../../../src/pipeline/allocate.ts'
import { approveRules } from '../../../src/pipeline/close/approve-rules.ts'
import type { CloseContext } from '../../../src/pipeline/close/books.ts'
import { closeMonth } from '../../../src/pipeline/close/close.ts'
import { lakeStatements } from '../../../src/pipeline/close/statement-source.ts'
import { verifyBooks } from '../../../src/pipeline/close/verify.ts'
import { fakeS3Lakes } from '../../sinks/fake-lakes.ts'
import type { LakeServer } from '../../sinks/lake-server.ts'
import { temporaryFolderOfFile } from '../../transforms/aws/temporary-folder.ts'
import { hashes } from '../workbench.ts'
import { closingLake } from './closing-lake.ts'

const folder = temporaryFolderOfFile()
let server: LakeServer

beforeAll(async () => {
  server = (await fakeS3Lakes()).lakes
})

afterAll(() => server.close())

test('books are kept in a bucket as in a folder', async () => {
  const local = closingLake(folder())
  for (const period of ['2026-09', '2026-10']) local.deliver(period, 'd1')
  await local.publish()
  const bucket = await server.create()
  for (const name of Object.keys(hashes(local.lake))) {
    await bucket.put(name, readFileSync(path.join(local.lake, name)))
  }
  const lake = await bucket.open()
  const context = async (): Promise<CloseContext> => ({ ...(await local.context()), lake })
  await closeMonth(await context(), { period: '2026-09', by: 'anna', to: 'review' })
  await closeMonth(await context(), { period: '2026-09', by: 'bert' })
  local.rules({ payments: '50', search: '50' })
  await runAllocation({ ...(await context()), report: () => undefined }, {})
  await approveRules(await context(), { period: '2026-09', by: 'bert', reason: 'half theirs' })

  const source = lakeStatements(await context())
  const owed = async (period: string) =>
    (await source.chargeback(period))?.statements.map(
      ({ target, total, yearToDate }) => `${target} ${total}, ${yearToDate}`,
    )
  expect(await owed('2026-09')).toEqual(['payments 8.00, 8.00', 'search 7.00, 7.00'])
  expect(await owed('2026-10')).toEqual(['payments 6.00, 14.00', 'search 9.00, 16.00'])
  expect(await verifyBooks(await context())).toMatchObject({ alterations: [], entries: 5, closed: ['2026-09'] })

  await bucket.put('reports/2026-09/chargeback.csv', Buffer.from('payments,0'))
  expect((await verifyBooks(await context())).alterations).toEqual([
    { file: 'reports/2026-09/chargeback.csv', what: 'statements of 2026-09: the file is not the one that was booked' },
  ])
})
