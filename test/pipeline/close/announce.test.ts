import { beforeEach, expect, test } from 'vitest'
import type { Channel } from '../../../src/notify/index.ts'
import { announce, periodClosed, reconFailed, statementsReady } from '../../../src/pipeline/close/announce.ts'
import { monthOf, type MonthRecord } from '../../../src/pipeline/close/month-record.ts'
import type { Sink } from '../../../src/sinks/sink.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { receiver, type Receiver } from '../../notify/receiver.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'

const now = () => new Date('2026-11-20T08:00:00Z')
const month: MonthRecord = {
  ...monthOf({ entries: [] }, '2026-10'),
  approver: 'bert',
  statements: [
    { id: '2026-10/payments/USD', target: 'payments', currency: 'USD', total: '8.00' },
    { id: '2026-10/search/USD', target: 'search', currency: 'USD', total: '7.00' },
  ],
  seq: 5,
}

let service: Receiver
let lake: Sink
let channels: Channel[]

beforeEach(async () => {
  service = await receiver()
  lake = localSink(temporaryFolder())
  const secret = `whsec_${Buffer.from('a secret of the receiver').toString('base64')}`
  channels = [{ name: 'erp', type: 'webhook', url: service.url, secret }]
})

const tell = (...notices: Parameters<typeof announce>[0]) =>
  announce(notices, { lake, channels, runId: 'close-1', now })

test('systems are told by signed webhooks what became of a month', async () => {
  await tell(statementsReady(month, now()), periodClosed(month, now()))
  expect(service.bodies()).toMatchObject([
    {
      type: 'focal.statement-ready',
      data: {
        title: 'The statements of 2026-10 are ready for review: 2',
        lines: ['2026-10/payments/USD: 8.00 USD', '2026-10/search/USD: 7.00 USD'],
      },
    },
    { type: 'focal.period-closed', data: { title: '2026-10 is closed, approved by bert' } },
  ])
  for (const { headers } of service.received) {
    expect(headers['webhook-signature']).toMatch(/^v1,/)
  }
})

test('once, even when they are told again; what did not arrive goes out with the next', async () => {
  service.answer({ status: 400 })
  const [line] = await tell(statementsReady(month, now()))
  expect(line).toContain('erp could not be told yet')
  await tell(periodClosed(month, now()))
  await tell(statementsReady(month, now()), periodClosed(month, now()))
  expect(service.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
    'focal.statement-ready',
    'focal.statement-ready',
    'focal.period-closed',
  ])
})

test('differences from the invoices are told as long as they are new', async () => {
  const found = {
    period: '2026-10',
    ties: false,
    hasInvoices: true,
    invoices: [],
    breaks: [],
    bridges: [],
    controls: [{ name: 'Postings = statements', left: '2', right: '1', difference: '1' }],
  }
  const notice = reconFailed(found, now())
  expect(notice).toMatchObject({
    kind: 'recon-failed',
    title: '2026-10 does not tie with its invoices',
    lines: ['Postings = statements: differs by 1'],
  })
  expect(reconFailed(found, new Date('2026-12-01T00:00:00Z')).key).toBe(notice.key)
  expect(reconFailed({ ...found, controls: [] }, now()).key).not.toBe(notice.key)
})
