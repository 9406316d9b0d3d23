import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeError } from '../../src/core/errors.ts'
import { findJob } from '../../src/jobs/find-jobs.ts'
import { fillIn, parseJob } from '../../src/jobs/job.ts'
import { noticeKinds } from '../../src/notify/index.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const parse = (text: string) => parseJob(text, { name: 'mine', file: 'jobs/mine.yaml', env: {}, noticeKinds })

function mistakeIn(text: string): string {
  try {
    parse(text)
  } catch (error) {
    return describeError(error)
  }
  throw new Error('nothing was wrong')
}

const minimal = "schedule: '0 5 * * *'\nsteps:\n  - focal run\n"

test('a minimal job is completed', () => {
  expect(parse(minimal)).toEqual({
    name: 'mine',
    file: 'jobs/mine.yaml',
    description: '',
    schedule: '0 5 * * *',
    timeZone: 'UTC',
    missed: 'last',
    steps: [{ words: ['run'], goOnAfter: [0], where: { file: 'jobs/mine.yaml', line: 3 } }],
    notify: [...noticeKinds],
  })
})

test('steps have words, quotes and exit codes to go on after', () => {
  const { steps } = parse(
    `${minimal}  - step: focal query "SELECT 'a b'" --format 'csv'\n    goOnAfter: [0, 3]\n  - focal run --source a"b c"d\n`,
  )
  expect(steps.slice(1).map(({ words, goOnAfter }) => ({ words, goOnAfter }))).toEqual([
    { words: ['query', "SELECT 'a b'", '--format', 'csv'], goOnAfter: [0, 3] },
    { words: ['run', '--source', 'ab cd'], goOnAfter: [0] },
  ])
})

describe('a mistake is told with its line', () => {
  const values = '  hint: docs/operations.md shows a job with every key and what it takes.'
  test.each([
    [
      'a schedule',
      minimal.replace('0 5 * * *', '0 25 * * *'),
      `schedule: expected a cron pattern such as "0 5 * * *"\n  where: file jobs/mine.yaml, line 1\n${values}`,
    ],
    [
      'a time zone',
      `${minimal}timeZone: Mars/Olympus\n`,
      `timeZone: expected a time zone such as UTC or Europe/Berlin\n  where: file jobs/mine.yaml, line 4\n${values}`,
    ],
    [
      'no steps',
      "schedule: '0 5 * * *'\nsteps: []\n",
      `steps: expected at least one step\n  where: file jobs/mine.yaml, line 2\n${values}`,
    ],
    [
      'a notice',
      `${minimal}notify: [run-exploded]\n`,
      `notify.0: expected one of ${noticeKinds.join(', ')}\n  where: file jobs/mine.yaml, line 4\n${values}`,
    ],
    [
      'another program',
      minimal.replace('focal run', 'rm -rf'),
      `steps.0: expected a command line that begins with focal, such as "focal run"\n  where: file jobs/mine.yaml, line 3\n${values}`,
    ],
    [
      'a quote left open',
      minimal.replace('focal run', `focal run --source "a`),
      'the quote " is left open\n  where: file jobs/mine.yaml, line 3\n  hint: Close it, or leave it out.',
    ],
    [
      'a key',
      `${minimal}step: []\n`,
      'there is no key "step"\n  where: file jobs/mine.yaml, line 4\n  hint: A job has description, schedule, timeZone, missed, steps and notify; docs/operations.md shows one.',
    ],
  ])('%s', (_what, text, message) => {
    expect(mistakeIn(text)).toBe(message)
  })
})

describe('placeholders', () => {
  const step = (line: string) => ({
    words: line.split(' '),
    goOnAfter: [0],
    where: { file: 'jobs/mine.yaml', line: 3 },
  })
  test.each([
    ['2026-10-12T07:00:00Z', 'UTC', '2026-09 2026-10 2026-10-12'],
    ['2027-01-12T07:00:00Z', 'UTC', '2026-12 2027-01 2027-01-12'],
    // Still the year before, there.
    ['2027-01-01T04:00:00Z', 'America/New_York', '2026-11 2026-12 2026-12-31'],
    ['2026-10-31T23:30:00Z', 'Europe/Berlin', '2026-10 2026-11 2026-11-01'],
  ])('at %s in %s', (due, zone, expected) => {
    expect(fillIn(step('{lastMonth} {thisMonth} {date}'), new Date(due), zone).join(' ')).toBe(expected)
  })

  test('that there are none of', () => {
    expect(() => fillIn(step('--period {month}'), new Date(), 'UTC')).toThrow('there is no placeholder {month}')
  })
})

describe('jobs are found', () => {
  const find = (name: string, baseDirectory: string) => findJob(name, { baseDirectory, env: {}, noticeKinds })

  test('beside the configuration before those that come with focal', async () => {
    const folder = temporaryFolder()
    expect((await find('nightly', folder)).steps.map(({ words }) => words)).toEqual([['run', '--wait']])
    mkdirSync(path.join(folder, 'jobs'))
    writeFileSync(path.join(folder, 'jobs/nightly.yaml'), minimal.replace('focal run', 'focal run --full'))
    expect((await find('nightly', folder)).steps.map(({ words }) => words)).toEqual([['run', '--full']])
  })

  test('by their name only', async () => {
    const folder = temporaryFolder()
    await expect(find('../package', folder)).rejects.toThrow('there is no job "../package"')
    expect(describeError(await find('x', folder).catch((error: unknown) => error))).toBe(
      `there is no job "x"\n  hint: There is monthly-chargeback, nightly; jobs of your own go into ${folder}/jobs.`,
    )
  })

  test('and those that come with focal say what they are for', async () => {
    for (const name of ['nightly', 'monthly-chargeback']) {
      const { description, file } = await find(name, temporaryFolder())
      expect(description).not.toBe('')
      expect(readFileSync(file, 'utf8')).toContain(`description: ${description}`)
    }
  })
})
