import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JobRecord } from '../../src/jobs/record.ts'
import { receiver } from '../notify/receiver.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { focal } from './focal.ts'
import { twoMonths, type TwoMonths } from './two-months.ts'

function writeJob({ folder }: TwoMonths, name: string, text: string): void {
  mkdirSync(path.join(folder, 'jobs'), { recursive: true })
  writeFileSync(path.join(folder, 'jobs', `${name}.yaml`), text)
}

const recordOf = ({ folder }: TwoMonths, name: string): JobRecord | undefined => {
  const file = path.join(folder, 'lake/_focal/jobs', `${name}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JobRecord) : undefined
}

const notify = (made: TwoMonths, channels: readonly string[]) =>
  appendFileSync(
    path.join(made.folder, 'focal.yaml'),
    `notify:\n  channels:\n${channels.map((channel) => `    - ${channel}\n`).join('')}`,
  )

describe('focal job', () => {
  test('runs the steps of a job in this process, and leaves its record', async () => {
    const made = twoMonths()
    writeJob(
      made,
      'both',
      'schedule: \'0 5 * * *\'\nsteps:\n  - focal run --period 2026-10\n  - focal query --format csv "SELECT count(*) AS rows FROM focus"\n',
    )
    const { code, out, err } = await made.run('job', 'both')
    expect({ code, rows: out.trimEnd().split('\n').slice(-2) }).toEqual({ code: 0, rows: ['rows', '2'] })
    expect(err).toBe(
      "focal run --period 2026-10\ntiny 2026-10  published version 1: 2 rows, 21.50 USD billed\nfocal query --format csv 'SELECT count(*) AS rows FROM focus'\n",
    )
    expect(recordOf(made, 'both')).toMatchObject({
      job: 'both',
      exitCode: 0,
      steps: [{ command: 'focal run --period 2026-10', exitCode: 0 }, { exitCode: 0 }],
    })
    expect((await made.run('status')).out).toMatch(/^job both: \d{4}-\d\d-\d\d \d\d:\d\d UTC, exit code 0$/m)
  })

  test('gives its configuration to every step, to commands of commands too', async () => {
    const made = twoMonths()
    writeJob(made, 'report', "schedule: '0 5 * * *'\nsteps: [focal report chargeback --period 2026-10]\n")
    const { err } = await focal(temporaryFolder(), ['job', 'report', '--config', path.join(made.folder, 'focal.yaml')])
    expect(err).toContain('error: the configuration names no allocation rules')
  })

  test('--dry-run prints the steps of the month that it was due in, and runs nothing', async () => {
    const made = twoMonths()
    expect(await made.run('job', 'monthly-chargeback', '--at', '2026-10-12', '--dry-run')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringMatching(/^focal run --wait --period 2026-09\nfocal reconcile --period 2026-09\n/) as string,
    })
    expect(existsSync(path.join(made.folder, 'lake'))).toBe(false)
  })

  test.each([
    ['focal dance', "unknown command 'dance'"],
    ['focal report --period 2026-10', "unknown option '--period'"],
    ['focal diff --source tiny', "required option '-p, --period <month>' not specified"],
  ])('a step that is no command line is told before anything runs: %s', async (step, mistake) => {
    const made = twoMonths()
    writeJob(made, 'odd', `schedule: '0 5 * * *'\nsteps:\n  - focal run\n  - ${step}\n`)
    const { code, err } = await made.run('job', 'odd')
    expect({ code, err }).toEqual({
      code: 2,
      err: `odd could not be run: the step is no command line of focal: ${mistake}\n  where: file ${made.folder}/jobs/odd.yaml, line 4\n  hint: \`focal --help\` lists the commands, with a command its options. Nothing of the job was run.\n`,
    })
    expect(existsSync(path.join(made.folder, 'lake/focus'))).toBe(false)
  })

  test('ends with the code of what failed, and --json logs each line as JSON', async () => {
    const made = twoMonths()
    made.spoilSeptember()
    const { code, err } = await made.run('job', 'nightly', '--json')
    expect(code).toBe(3)
    const lines = err.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
      expect.arrayContaining(['focal run --wait', 'run-started', 'unit-failed', 'run-recorded']),
    )
  })
})

test('focal schedule runs a job each second, answers how it is, and stops cleanly', async () => {
  const made = twoMonths()
  writeJob(made, 'often', "schedule: '* * * * * *'\nsteps: [focal run]\n")
  let health: Promise<unknown> | undefined
  let seen = ''
  const { code, err } = await focal(made.folder, ['schedule', 'often', '--health', '0'], {
    onError(text, pid) {
      seen += text
      const [, address] = /health: (\S+)\n/.exec(seen) ?? []
      // Twice: the second run found everything up to date.
      if (address === undefined || seen.split('often ended with 0').length < 3 || health !== undefined) return
      health = fetch(address)
        .then(async (response) => ({ status: response.status, body: await response.json() }))
        .finally(() => process.kill(pid, 'SIGTERM'))
    },
  })
  expect(code).toBe(0)
  expect(await health).toMatchObject({ status: 200, body: { alive: true, jobs: [{ job: 'often' }] } })
  expect(err).toContain('published version 1')
  expect(err).toContain('up to date: delivery d1, version 1')
  expect(err.trimEnd().split('\n').at(-1)).toBe('stopped; runs that fall due until the next start are made up for then')
})

test('focal schedule that is killed in the middle of a run makes up for it, and people hear of it', async () => {
  const [made, hook] = [twoMonths(), await receiver()]
  notify(made, [`{ name: hook, type: webhook, url: '${hook.url}' }`])
  writeJob(made, 'often', "schedule: '* * * * * *'\nsteps: [focal run]\n")
  await focal(made.folder, ['schedule', 'often'], {
    onError: (text, pid) => text.includes('focal run') && process.kill(pid, 'SIGKILL'),
  })
  expect(recordOf(made, 'often')?.startedAt).toBeDefined()
  expect(recordOf(made, 'often')?.endedAt).toBeUndefined()
  const next = await focal(made.folder, ['schedule', 'often'], {
    onError: (text, pid) => text.includes('often ended with 0') && process.kill(pid, 'SIGTERM'),
  })
  expect(next.code).toBe(0)
  expect(hook.bodies()).toMatchObject([
    { type: 'focal.run-failed', data: { title: expect.stringContaining('often died: its run of') as string } },
  ])
})

describe('focal notify', () => {
  test('test tells every channel that it is one, and which did not take it', async () => {
    const [made, slack, duty] = [twoMonths(), await receiver(), await receiver()]
    notify(made, [
      "{ name: ops, type: slack, url: '${SLACK}' }",
      `{ name: duty, type: pagerduty, routingKey: '\${DUTY}', url: '${duty.url}' }`,
    ])
    const env = { SLACK: slack.url, DUTY: '0'.repeat(32) }
    slack.answer({ status: 404, body: 'no_team' })
    expect(await focal(made.folder, ['notify', 'test'], { env })).toMatchObject({
      code: 1,
      out: 'ops  did not: the service answered 404: no_team\n  hint: Look at the address and the secret of this channel, then: focal notify test.\nduty  took it\n',
    })
    // Nobody is to be woken by a test for long.
    expect(duty.bodies()).toMatchObject([{ event_action: 'trigger' }, { event_action: 'resolve' }])
    expect(await focal(made.folder, ['notify', 'test', '--channel', 'ops'], { env })).toMatchObject({
      code: 0,
      out: 'ops  took it\n',
    })
  })

  test('needs a channel of that name, and a secret that is not written down', async () => {
    const made = twoMonths()
    expect((await made.run('notify', 'test')).err).toBe(
      'error: the configuration names nobody to notify\n  hint: Add a section notify: to it; docs/operations.md shows one.\n',
    )
    notify(made, ["{ name: ops, type: slack, url: 'https://hooks.slack.com/services/T0/B0/secret' }"])
    expect((await made.run('notify', 'test')).err).toBe(
      `error: notify.channels.0.url: a secret must not be written into the configuration\n  where: file ${made.folder}/focal.yaml, line 10\n  hint: Put it into the environment, and write its name: '\${NAME}'.\n`,
    )
  })

  test('send empties the outbox', async () => {
    const [made, hook] = [twoMonths(), await receiver()]
    notify(made, [`{ name: hook, type: webhook, url: '${hook.url}' }`])
    made.spoilSeptember()
    hook.answer({ status: 401, body: 'who?' }, { status: 401, body: 'who?' })
    expect((await made.run('job', 'nightly')).err).toContain('hook could not be told of 2 notices yet')
    expect((await made.run('status')).out).toContain('notices: 2 could not be sent yet (focal notify send)')
    expect(await made.run('notify', 'send')).toMatchObject({
      code: 0,
      out: 'told hook: nightly: some of it failed, the rest is published\ntold hook: tiny has something that focal has not met there before\n',
    })
    expect((await made.run('notify', 'send')).out).toBe('Nothing waits in the outbox.\n')
    expect(hook.received).toHaveLength(4)
  })
})
