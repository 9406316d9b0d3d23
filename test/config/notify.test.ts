import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { describeError } from '../../src/core/errors.ts'
import { noticeKinds } from '../../src/notify/index.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const minimal = 'lake: ./lake\nsources:\n  - name: main\n    connector: aws\n    location: ./bills\n'
const env = { SLACK: 'https://hooks.example.com/x', KEY: 'k'.repeat(32), SECRET: `whsec_${'a'.repeat(32)}` }

async function load(text: string) {
  const file = path.join(temporaryFolder(), 'focal.yaml')
  writeFileSync(file, text)
  return loadConfig(file, env)
}

/** The mistake in one line, and the line of the file. What is given begins at line 6. */
async function mistakeIn(text: string): Promise<string> {
  const error: unknown = await load(`${minimal}${text}`).catch((reason: unknown) => reason)
  const [what, where] = describeError(error).split('\n')
  return `${what} (${/line \d+/.exec(where ?? '')?.[0] ?? ''})`
}

const channels = (...lines: readonly string[]) =>
  `notify:\n  channels:\n${lines.map((line) => `    - ${line}\n`).join('')}`

test('channels are completed', async () => {
  const { notify } = await load(
    `${minimal}${channels(
      "{ name: ops, type: slack, url: '${SLACK}' }",
      "{ name: duty, type: pagerduty, routingKey: '${KEY}', events: [run-failed] }",
      '{ name: mail, type: email, host: smtp.example.com, from: a@example.com, to: [b@example.com] }',
    )}`,
  )
  expect(notify).toEqual({
    restatedBy: '1',
    channels: [
      { name: 'ops', type: 'slack', url: 'https://hooks.example.com/x' },
      {
        name: 'duty',
        type: 'pagerduty',
        routingKey: 'k'.repeat(32),
        url: 'https://events.pagerduty.com/v2/enqueue',
        events: ['run-failed'],
      },
      {
        name: 'mail',
        type: 'email',
        host: 'smtp.example.com',
        port: 587,
        encryption: 'starttls',
        from: 'a@example.com',
        to: ['b@example.com'],
      },
    ],
  })
})

describe('a mistake is told with its line', () => {
  test.each([
    [
      'a service',
      channels('{ name: ops, type: pager }'),
      'notify.channels.0.type: expected one of webhook, slack, teams, email, pagerduty (line 8)',
    ],
    [
      'a kind of notice',
      channels("{ name: ops, type: slack, url: '${SLACK}', events: [run-exploded] }"),
      `notify.channels.0.events.0: expected one of ${noticeKinds.join(', ')} (line 8)`,
    ],
    [
      'a name that is taken',
      channels("{ name: ops, type: slack, url: '${SLACK}' }", "{ name: ops, type: slack, url: '${SLACK}' }"),
      'notify.channels.1.name: another channel is already called "ops" (line 9)',
    ],
    [
      'a secret that is none',
      channels("{ name: hub, type: webhook, url: 'https://example.com/x', secret: '${KEY}' }"),
      'notify.channels.0.secret: expected whsec_ and 24 to 64 bytes in base64 (Standard Webhooks) (line 8)',
    ],
    [
      'a secret that is written down',
      channels(`{ name: duty, type: pagerduty, routingKey: ${'k'.repeat(32)} }`),
      'notify.channels.0.routingKey: a secret must not be written into the configuration (line 8)',
    ],
    [
      'a secret of a part that is written down',
      channels("{ name: ops, type: slack, url: 'https://hooks.example.com/${KEY}' }"),
      'notify.channels.0.url: a secret must not be written into the configuration (line 8)',
    ],
    ['no channel', 'notify: { channels: [] }\n', 'notify.channels: expected at least one channel (line 6)'],
    [
      'a percentage',
      'notify: { restatedBy: 1 %, channels: [] }\n',
      'notify.restatedBy: expected a percentage such as 1 or 0.5 (line 6)',
    ],
    ['an end', '    until: October\n', 'sources.0.until: expected a billing period such as 2026-10 (line 6)'],
  ])('%s', async (_what, text, message) => {
    expect(await mistakeIn(text)).toBe(message)
  })
})

test('a source may have ended, and metrics go to a file beside the configuration', async () => {
  const config = await load(`${minimal}    until: 2026-10\nmetricsFile: ./focal.prom\n`)
  expect(config.sources).toEqual([
    { name: 'main', connector: 'aws', until: '2026-10', options: { location: './bills' } },
  ])
  expect(config.metricsFile).toBe(path.join(config.baseDirectory, 'focal.prom'))
})
