import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { RunRecord } from '../../src/pipeline/state.ts'
import { focal } from './focal.ts'
import { twoMonths, type TwoMonths } from './two-months.ts'

let made: TwoMonths
let folder: string
const run = (...args: string[]) => made.run(...args)

beforeEach(() => {
  made = twoMonths()
  folder = made.folder
})

/** What is told of a month that is published. */
const unit = (period: string) => [
  `unit-planned ${period}`,
  `unit-bytes ${period}`,
  `unit-step ${period} fetched`,
  `unit-begun ${period}`,
  ...['staged', 'written', 'checked', 'kept', 'put in place', 'recorded'].map((step) => `unit-step ${period} ${step}`),
  'unit-published',
]

describe('run', () => {
  test('prints what is published as a table, and tells of it as it happens', async () => {
    expect(await run('run')).toEqual({
      code: 0,
      out: `source  period   result     rows  billed  effective  currency  month   why
──────  ───────  ─────────  ────  ──────  ─────────  ────────  ──────  ─────────────────
tiny    2026-09  published     2   21.50      21.50  USD       closed  first delivery d1
tiny    2026-10  published     2   21.50      21.50  USD       closed  first delivery d1
`,
      err: `tiny 2026-09  published version 1: 2 rows, 21.50 USD billed
tiny 2026-10  published version 1: 2 rows, 21.50 USD billed
`,
    })
    expect((await run('run')).err).toBe(`tiny 2026-09  up to date: delivery d1, version 1
tiny 2026-10  up to date: delivery d1, version 1
`)
  })

  test('--dry-run prints the plan and makes nothing', async () => {
    const { code, out } = await run('run', '--dry-run', '--period', '2026-10')
    expect({ code, out }).toEqual({
      code: 0,
      out: `source  period   result     rows  billed  effective  currency  month  why
──────  ───────  ─────────  ────  ──────  ─────────  ────────  ─────  ────────────────────────────────
tiny    2026-10  published                                            would publish: first delivery d1
`,
    })
    expect(readdirSync(folder).toSorted()).toEqual(['.focal', 'bills', 'focal.yaml'])
  })

  test('--json logs JSON lines on standard error, and prints the record that it leaves', async () => {
    const { code, out, err } = await run('run', '--json')
    expect(code).toBe(0)
    const record = JSON.parse(out) as RunRecord
    expect(JSON.parse(readFileSync(path.join(folder, 'lake/_focal/runs', `${record.runId}.json`), 'utf8'))).toEqual(
      record,
    )
    const events = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; period?: string; step?: string })
    const told = events.map(({ msg, period, step }) => [msg, period, step].filter(Boolean).join(' '))
    expect(told).toEqual(['run-started', ...unit('2026-09'), ...unit('2026-10'), 'run-recorded'])
  })

  test('ends with 3 when a month fails and another is published, without a stack trace', async () => {
    made.spoilSeptember()
    const { code, out, err } = await run('run')
    expect(code).toBe(3)
    expect(err).toBe(`tiny 2026-09  failed: the value is no amount
    where: tiny, 2026-09, file 20260901-20261001/d2/tiny-1.csv, row 1, column lineItem/UnblendedCost, value "one"
    hint: Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.
tiny 2026-10  published version 1: 2 rows, 21.50 USD billed
`)
    expect(out.split('\n')[2]).toBe(
      'tiny    2026-09  failed                                                the value is no amount',
    )
  })

  test('ends with 3 when one source is out of reach, and with 1 when nothing could be done', async () => {
    const file = path.join(folder, 'focal.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, `${text}  - { name: lost, connector: aws, location: ./nowhere }\n`)
    const some = await run('run')
    expect(some.code).toBe(3)
    expect(some.out.trimEnd().split('\n').at(-1)).toBe('lost: there is no folder ./nowhere')
    const none = await run('run', '--source', 'lost')
    expect({ code: none.code, out: none.out }).toEqual({
      code: 1,
      out: 'No billing period to look at.\nlost: there is no folder ./nowhere\n',
    })
  })

  test('ends with 2 for a source or a month that is none', async () => {
    expect(await run('run', '--source', 'nope')).toEqual({
      code: 2,
      out: '',
      err: 'error: there is no source "nope"\n  hint: The configuration has tiny.\n',
    })
    expect(await run('run', '--period', '2026-10..2026-09')).toEqual({
      code: 2,
      out: '',
      err: 'error: "2026-10..2026-09" is not a billing period\n  hint: Write a month as 2026-10, or a range as 2026-08..2026-10.\n',
    })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'stops at %s with 1, and leaves the lake clean and free',
    async (signal) => {
      let stopped = false
      const stop = (text: string, pid: number) => {
        if (stopped || !text.includes('"step":"fetched"')) return
        stopped = true
        process.kill(pid, signal)
      }
      const { code, out, err } = await focal(folder, ['run', '--json'], { onError: stop })
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(err.trimEnd().split('\n').at(-1)).toBe(
        'error: interrupted: nothing half-written is left; run again to go on',
      )
      expect(readdirSync(path.join(folder, 'lake/_focal')).filter((name) => !['units', 'runs'].includes(name))).toEqual(
        [],
      )
      const [record = ''] = readdirSync(path.join(folder, 'lake/_focal/runs'))
      const left = JSON.parse(readFileSync(path.join(folder, 'lake/_focal/runs', record), 'utf8')) as RunRecord
      expect(left).toMatchObject({ outcome: 'aborted', units: [], failedSources: [] })
      const told = (await run('status')).out.replace(/\d+\.\d s/, '<seconds>')
      expect(told).toBe(
        `Nothing is published yet: \`focal run\` does it.\n\nLast run ${left.runId}: aborted, <seconds>\n`,
      )
      expect((await run('run')).code).toBe(0)
    },
  )

  test('--wait takes its turn after the run that is at work', async () => {
    const lock = path.join(folder, 'lake/_focal/lock.json')
    mkdirSync(path.dirname(lock), { recursive: true })
    const holder = { runId: 'run-1', pid: process.pid, host: hostname(), since: '2026-11-20T06:00:00.000Z' }
    writeFileSync(lock, JSON.stringify(holder))
    const { code, err } = await focal(folder, ['run', '--wait'], {
      onError: (text) => {
        if (text.includes('at work on this lake: run-1')) rmSync(lock)
      },
    })
    expect({ code, err }).toEqual({
      code: 0,
      err: `waiting: another run is at work on this lake: run-1
tiny 2026-09  published version 1: 2 rows, 21.50 USD billed
tiny 2026-10  published version 1: 2 rows, 21.50 USD billed
`,
    })
  })

  test('is refused while another is at work', async () => {
    const holder = await focal(folder, ['run', '--json'], {
      onError: (text, pid) => {
        if (text.includes('run-started')) process.kill(pid, 'SIGKILL')
      },
    })
    expect(holder.code).toBeNull()
    const lock = path.join(folder, 'lake/_focal/lock.json')
    const { runId, host, since } = JSON.parse(readFileSync(lock, 'utf8')) as Record<string, string>
    // It was this test's process all the time, as far as anybody can tell.
    writeFileSync(lock, JSON.stringify({ runId, host, since, pid: process.pid }))
    expect(await run('run')).toEqual({
      code: 1,
      out: '',
      err: `error: another run is at work on this lake: ${runId}\n  hint: Process ${process.pid} on ${host} has held it since ${since}. Wait for it (--wait does); if it has died, a run takes over once it has been silent for 10 minutes.\n`,
    })
    rmSync(lock)
    expect((await run('run')).code).toBe(0)
  })
})
