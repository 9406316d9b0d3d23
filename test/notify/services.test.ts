import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describeError, RetryableError, UserError } from '../../src/core/errors.ts'
import { send, type Channel, type Notice } from '../../src/notify/index.ts'
import { failedRun, secret, world } from './notices.ts'
import { receiver, type Received } from './receiver.ts'

const nothing: Received = { path: '', headers: {}, body: '' }
const routingKey = '0123456789abcdef0123456789abcdef'
const deliver = (notice: Notice, channel: Channel, repeated = false) => send({ notice, repeated }, channel, world)

describe('webhook', () => {
  test('is signed as Standard Webhooks has it, over the bytes that are sent', async () => {
    const hook = await receiver()
    await deliver(failedRun(), { name: 'hook', type: 'webhook', url: hook.url, secret })
    const [{ headers, body } = nothing] = hook.received
    expect(headers['webhook-id']).toBe('run-failed-nightly-1-abc')
    expect(headers['webhook-timestamp']).toBe('1795237212')
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    const signature = createHmac('sha256', key).update(`run-failed-nightly-1-abc.1795237212.${body}`).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    expect(JSON.parse(body)).toEqual({
      type: 'focal.run-failed',
      timestamp: '2026-11-21T05:00:10.000Z',
      data: failedRun(),
    })
  })

  test('without a secret has no signature', async () => {
    const hook = await receiver()
    await deliver(failedRun(), { name: 'hook', type: 'webhook', url: hook.url })
    expect(hook.received[0]?.headers['webhook-signature']).toBeUndefined()
  })
})

describe('slack', () => {
  test('gets blocks, and a text for those who see none', async () => {
    const slack = await receiver()
    await deliver(failedRun({ lines: ['<!channel> a & b'] }), { name: 'ops', type: 'slack', url: slack.url })
    expect(slack.bodies()).toEqual([
      {
        text: ':red_circle: nightly failed',
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: 'nightly failed' } },
          {
            type: 'section',
            text: { type: 'mrkdwn', text: '&lt;!channel&gt; a &amp; b\nThe next run tries again.' },
          },
        ],
      },
    ])
  })

  test('gets 150 characters of a title and 3,000 of the rest, and how many lines more there are', async () => {
    const slack = await receiver()
    const lines = Array.from({ length: 100 }, (_, index) => `${String(index).padStart(3, '0')} ${'x'.repeat(95)}`)
    await deliver(failedRun({ title: 'y'.repeat(200), lines }), { name: 'ops', type: 'slack', url: slack.url })
    const [{ blocks } = { blocks: [] }] = slack.bodies() as { blocks: { text: { text: string } }[] }[]
    expect(blocks[0]?.text.text).toBe(`${'y'.repeat(149)}…`)
    const text = blocks[1]?.text.text ?? ''
    expect(text.length).toBeLessThanOrEqual(3000)
    // 29 lines of 99 characters and their ends are 2,900; one more would not leave room for the count.
    expect(text.split('\n').slice(28)).toEqual([lines[28], '… and 72 more lines'])
  })

  test('is told that something may have arrived before', async () => {
    const slack = await receiver()
    await deliver(failedRun({ lines: [] }), { name: 'ops', type: 'slack', url: slack.url }, true)
    expect(slack.received[0]?.body).toContain('This may have been sent before: a process died while it was on its way.')
  })
})

describe('teams', () => {
  test('gets an Adaptive Card, whose text is no markup', async () => {
    const teams = await receiver()
    await deliver(failedRun({ lines: ['a_b [x](y)'] }), { name: 'team', type: 'teams', url: teams.url })
    expect(teams.bodies()).toEqual([
      {
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            contentUrl: null,
            content: {
              $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
              type: 'AdaptiveCard',
              version: '1.4',
              body: [
                {
                  type: 'TextBlock',
                  text: 'nightly failed',
                  wrap: true,
                  weight: 'Bolder',
                  size: 'Medium',
                  color: 'attention',
                },
                { type: 'TextBlock', text: String.raw`a\_b \[x\]\(y\)` + '\n\nThe next run tries again.', wrap: true },
              ],
            },
          },
        ],
      },
    ])
  })

  test('stays below 20 KB, whatever the lines are', async () => {
    const teams = await receiver()
    const lines = Array.from({ length: 5000 }, () => '_'.repeat(50) + '"é')
    await deliver(failedRun({ title: '"'.repeat(5000), lines }), { name: 'team', type: 'teams', url: teams.url })
    expect(Buffer.byteLength(teams.received[0]?.body ?? '')).toBeLessThan(20_000)
    expect(teams.received[0]?.body).toMatch(/… and \d{4} more lines/)
  })
})

describe('pagerduty', () => {
  const channel = (url: string): Channel => ({ name: 'duty', type: 'pagerduty', routingKey, url })

  test('opens an incident and resolves the same', async () => {
    const duty = await receiver()
    await deliver(failedRun(), channel(duty.url))
    const { hint: _hint, ...over } = failedRun({
      kind: 'run-recovered',
      over: true,
      severity: 'info',
      title: 'nightly is well again',
      lines: [],
    })
    await deliver(over, channel(duty.url))
    expect(duty.bodies()).toEqual([
      {
        routing_key: routingKey,
        event_action: 'trigger',
        dedup_key: 'focal/run-failed:nightly',
        payload: {
          summary: 'nightly failed',
          source: 'focal',
          severity: 'error',
          timestamp: '2026-11-21T05:00:10.000Z',
          class: 'run-failed',
          custom_details: {
            text: 'aws-main 2026-10: the value is no amount\nfocal run ended with 1\nThe next run tries again.',
          },
        },
      },
      {
        routing_key: routingKey,
        event_action: 'resolve',
        dedup_key: 'focal/run-failed:nightly',
        payload: {
          summary: 'nightly is well again',
          source: 'focal',
          severity: 'info',
          timestamp: '2026-11-21T05:00:10.000Z',
          class: 'run-recovered',
          custom_details: { text: '' },
        },
      },
    ])
  })

  test('gets 1,024 characters of a summary', async () => {
    const duty = await receiver()
    await deliver(failedRun({ title: 'é'.repeat(2000) }), channel(duty.url))
    const [event] = duty.bodies() as { payload: { summary: string } }[]
    expect(event?.payload.summary).toBe(`${'é'.repeat(1023)}…`)
  })
})

describe('a service that fails', () => {
  const failure = async (url: string) => {
    const error: unknown = await deliver(failedRun(), { name: 'hook', type: 'webhook', url }).catch(
      (reason: unknown) => reason,
    )
    return error
  }

  test.each([
    ['throttles', { status: 429, headers: { 'retry-after': '0' } }],
    ['breaks', { status: 500 }],
    ['is cut off', 'cut'],
  ] as const)('is tried again when it %s, with the same id and body', async (_how, fault) => {
    const hook = await receiver()
    hook.answer(fault, fault)
    await deliver(failedRun(), { name: 'hook', type: 'webhook', url: hook.url, secret })
    expect(hook.received).toHaveLength(3)
    expect(new Set(hook.received.map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size).toBe(1)
  })

  test('for good leaves the notice for later', async () => {
    const hook = await receiver()
    hook.answer({ status: 503 }, { status: 503 }, { status: 503, body: 'down for maintenance' })
    const error = await failure(hook.url)
    expect(error).toBeInstanceOf(RetryableError)
    expect(describeError(error)).toBe(
      'the service answered 503: down for maintenance\n  hint: Another try later may go through.',
    )
    expect(hook.received).toHaveLength(3)
  })

  test('that asks for a long wait is not waited for', async () => {
    const hook = await receiver()
    hook.answer({ status: 429, headers: { 'retry-after': '3600' } })
    expect(await failure(hook.url)).toBeInstanceOf(RetryableError)
    expect(hook.received).toHaveLength(1)
  })

  test('by refusing is asked once', async () => {
    const hook = await receiver()
    hook.answer({ status: 404, body: 'no_service' })
    const error = await failure(hook.url)
    expect(error).toBeInstanceOf(UserError)
    expect(describeError(error)).toBe(
      'the service answered 404: no_service\n  hint: Look at the address and the secret of this channel, then: focal notify test.',
    )
    expect(hook.received).toHaveLength(1)
  })

  test('by sending us elsewhere is not followed', async () => {
    const hook = await receiver()
    hook.answer({ status: 302, headers: { location: 'http://169.254.169.254/latest' }, body: '' })
    expect(describeError(await failure(hook.url)).split('\n')[0]).toBe('the service answered 302')
  })

  test('to be there is told without its address, which may be a secret', async () => {
    const hook = await receiver()
    hook.answer('cut', 'cut', 'cut')
    const error = await failure(hook.url)
    expect(describeError(error)).toBe(
      'the service is out of reach: other side closed\n  hint: Another try later may go through.',
    )
  })
})
