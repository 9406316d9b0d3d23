import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { deliver, post, type Channel } from '../../src/notify/index.ts'
import { wants } from '../../src/notify/channels.ts'
import { readPosting } from '../../src/notify/outbox.ts'
import { localSink } from '../../src/sinks/local.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { failedRun, secret, world } from './notices.ts'
import { receiver } from './receiver.ts'

const { key } = failedRun()

test('each channel is told once, however often the outbox is emptied', async () => {
  const [lake, hook, slack] = [localSink(temporaryFolder()), await receiver(), await receiver()]
  const channels: Channel[] = [
    { name: 'hook', type: 'webhook', url: hook.url, secret },
    { name: 'ops', type: 'slack', url: slack.url },
  ]
  expect(await post(lake, failedRun(), channels)).toBe('posted')
  expect(await post(lake, failedRun({ title: 'said otherwise' }), channels)).toBe('there already')
  expect(await deliver(lake, [key], channels, world)).toEqual({
    open: [],
    lines: ['told hook: nightly failed', 'told ops: nightly failed'],
  })
  expect(await deliver(lake, [key], channels, world)).toEqual({ open: [], lines: [] })
  expect([hook.received.length, slack.received.length]).toEqual([1, 1])
})

test('a channel that fails keeps its notice, and the others get theirs', async () => {
  const [lake, hook, slack] = [localSink(temporaryFolder()), await receiver(), await receiver()]
  hook.answer({ status: 500 }, { status: 500 }, { status: 500, body: 'broken' })
  const channels: Channel[] = [
    { name: 'hook', type: 'webhook', url: hook.url },
    { name: 'ops', type: 'slack', url: slack.url },
  ]
  await post(lake, failedRun(), channels)
  expect(await deliver(lake, [key], channels, world)).toEqual({
    open: [key],
    lines: [
      'told ops: nightly failed',
      'hook could not be told yet: nightly failed (the service answered 500: broken)',
    ],
  })
  expect(await deliver(lake, [key], channels, world)).toEqual({ open: [], lines: ['told hook: nightly failed'] })
  expect(slack.received).toHaveLength(1)
  expect((await readPosting(lake, key))?.sends).toEqual({
    hook: { state: 'sent', attempts: 2, at: '2026-11-21T05:00:12.000Z' },
    ops: { state: 'sent', attempts: 1, at: '2026-11-21T05:00:12.000Z' },
  })
})

test('a channel that is out of reach is tried with patience once, not for each notice, and starves none', async () => {
  const [lake, hook] = [localSink(temporaryFolder()), await receiver()]
  const channels: Channel[] = [{ name: 'hook', type: 'webhook', url: hook.url }]
  const keys = ['first', 'second', 'third']
  for (const one of keys) await post(lake, failedRun({ key: one, title: one }), channels)
  // Three attempts at the first, one at the second; the third goes through.
  hook.answer({ status: 500 }, { status: 500 }, { status: 500, body: 'broken' }, { status: 503 })
  expect(await deliver(lake, keys, channels, world)).toEqual({
    open: ['first', 'second'],
    lines: ['told hook: third', 'hook could not be told of 2 notices yet (the service answered 500: broken)'],
  })
  expect(hook.received.map(({ headers }) => headers['webhook-id'])).toEqual([
    'first',
    'first',
    'first',
    'second',
    'third',
  ])
})

test('after a week nobody is told any more, and that is said', async () => {
  const [lake, hook] = [localSink(temporaryFolder()), await receiver()]
  const channels: Channel[] = [{ name: 'hook', type: 'webhook', url: hook.url }]
  await post(lake, failedRun(), channels)
  hook.answer({ status: 404, body: '' })
  const late = { ...world, now: () => new Date('2026-11-28T05:00:11Z') }
  expect(await deliver(lake, [key], channels, late)).toEqual({
    open: [],
    lines: ['hook was never told, and will not be: nightly failed (the service answered 404)'],
  })
})

test('a channel that the configuration no longer has is given up', async () => {
  const lake = localSink(temporaryFolder())
  await post(lake, failedRun(), [{ name: 'hook', type: 'webhook', url: 'http://127.0.0.1:9/' }])
  expect((await deliver(lake, [key], [], world)).lines).toEqual([
    'hook was never told, and will not be: nightly failed (the configuration has no such channel)',
  ])
})

test('a channel is told of what it asked for, but an incident that was opened is resolved', async () => {
  const lake = localSink(temporaryFolder())
  const slack: Channel = { name: 'ops', type: 'slack', url: 'http://127.0.0.1:9/', events: ['source-stale'] }
  const duty: Channel = {
    name: 'duty',
    type: 'pagerduty',
    routingKey: 'k'.repeat(32),
    url: 'http://127.0.0.1:9/',
    events: ['run-failed'],
  }
  expect(await post(lake, failedRun(), [slack])).toBe('nobody wants it')
  expect(await post(lake, failedRun({ kind: 'run-recovered', over: true }), [slack, duty])).toBe('posted')
  expect(Object.keys((await readPosting(lake, key))?.sends ?? {})).toEqual(['duty'])
})

test('who is woken by incidents hears of what goes on, and of news only by name', () => {
  const duty: Channel = { name: 'duty', type: 'pagerduty', routingKey: 'k'.repeat(32), url: 'http://127.0.0.1:9/' }
  const slack: Channel = { name: 'ops', type: 'slack', url: 'http://127.0.0.1:9/' }
  const { incident: _none, ...news } = failedRun({ kind: 'month-restated' })
  const told = (channel: Channel) => [wants(channel, failedRun()), wants(channel, news)]
  expect(told(duty)).toEqual([true, false])
  expect(told({ ...duty, events: ['month-restated'] })).toEqual([false, true])
  expect(told(slack)).toEqual([true, true])
  expect(told({ ...slack, events: ['run-failed'] })).toEqual([true, false])
})

test('a process that dies between sending and noting so sends again, and says so', async () => {
  const [folder, slack] = [temporaryFolder(), await receiver()]
  const lake = localSink(folder)
  const channels: Channel[] = [{ name: 'ops', type: 'slack', url: slack.url }]
  await post(lake, failedRun(), channels)
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('deliver-once.ts', import.meta.url)), folder, slack.url],
    {
      stdio: 'ignore',
    },
  )
  // The notice is there, the answer is not.
  slack.answer({
    before: async () => {
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  })
  await once(child, 'close')
  expect((await readPosting(lake, key))?.sends['ops']?.state).toBe('sending')
  expect((await deliver(lake, [key], channels, world)).open).toEqual([])
  expect(slack.received.map(({ body }) => body.includes('This may have been sent before'))).toEqual([false, true])
  expect((await deliver(lake, [key], channels, world)).lines).toEqual([])
})
