import { describe, expect, test } from 'vitest'
import { parseJob, type Job } from '../../src/jobs/job.ts'
import { readJobRecord, writeJobRecord, type JobStore } from '../../src/jobs/record.ts'
import { runJob, type FocalCommands } from '../../src/jobs/run-job.ts'
import { keepSchedule } from '../../src/jobs/schedule.ts'
import { localSink } from '../../src/sinks/local.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

function job(name: string, text: string): Job {
  return parseJob(`steps: [focal run]\n${text}`, { name, file: `${name}.yaml`, env: {}, noticeKinds: ['run-failed'] })
}

const nightly = job('nightly', "schedule: '0 5 * * *'\n")

/**
 * A scheduler in a world whose time passes only while it sleeps, or while a run takes its time. It is stopped at `until`;
 * what it did is told with the time of the clock.
 */
async function simulate(
  jobs: readonly Job[],
  world: { store: JobStore; from: string; until: string; takesMs?: number; commands?: FocalCommands },
): Promise<string[]> {
  let clock = Date.parse(world.from)
  const end = Date.parse(world.until)
  const stop = new AbortController()
  const told: string[] = []
  const now = () => new Date(clock)
  const pass = (ms: number) => {
    clock += ms
    if (clock < end) return
    clock = end
    stop.abort(new Error('stopped'))
  }
  const say = (line: string) => told.push(`${now().toISOString().slice(5, 16)} ${line}`)
  const { store, commands = fine } = world
  await keepSchedule(jobs, {
    store,
    now,
    signal: stop.signal,
    tell: say,
    sleep: async (ms) => pass(ms),
    run: async (due, at) => {
      say(`run ${due.name} of ${at.toISOString().slice(5, 16)}`)
      pass(world.takesMs ?? 1000)
      await runJob(due, at, { store, commands, now, signal: stop.signal, tell: () => undefined })
    },
  })
  return told
}

const fine: FocalCommands = { mistakeIn: () => undefined, execute: async () => ({ exitCode: 0 }) }
const lake = () => localSink(temporaryFolder())

describe('three nights, one of them missed', () => {
  test('the missed one is made up for at the next start, once', async () => {
    const store = lake()
    expect(await simulate([nightly], { store, from: '2026-11-17T12:00:00Z', until: '2026-11-18T12:00:00Z' })).toEqual([
      '11-17T12:00 nightly: next run 2026-11-18T05:00:00.000Z',
      '11-18T05:00 run nightly of 11-18T05:00',
    ])
    // The machine is off from noon of the 18th to nine o'clock of the 19th.
    expect(await simulate([nightly], { store, from: '2026-11-19T09:00:00Z', until: '2026-11-20T12:00:00Z' })).toEqual([
      '11-19T09:00 nightly: next run 2026-11-20T05:00:00.000Z',
      '11-19T09:00 nightly was due at 2026-11-19T05:00:00.000Z: making up for it',
      '11-19T09:00 run nightly of 11-19T05:00',
      '11-20T05:00 run nightly of 11-20T05:00',
    ])
    expect(await readJobRecord(store, 'nightly')).toEqual({
      job: 'nightly',
      dueAt: '2026-11-20T05:00:00.000Z',
      startedAt: '2026-11-20T05:00:01.000Z',
      endedAt: '2026-11-20T05:00:01.000Z',
      exitCode: 0,
      steps: [{ command: 'focal run', exitCode: 0, seconds: 0 }],
    })
  })

  test('of many missed nights only the last counts, of many missed months each', async () => {
    const store = lake()
    const monthly = job('monthly', "schedule: '0 7 12 * *'\nmissed: each\n")
    const jobs = [nightly, monthly]
    await simulate(jobs, { store, from: '2026-08-20T00:00:00Z', until: '2026-08-20T01:00:00Z' })
    expect(await simulate(jobs, { store, from: '2026-11-12T06:00:00Z', until: '2026-11-12T12:00:00Z' })).toEqual([
      '11-12T06:00 nightly: next run 2026-11-13T05:00:00.000Z',
      '11-12T06:00 monthly: next run 2026-11-12T07:00:00.000Z',
      '11-12T06:00 monthly was due at 2026-09-12T07:00:00.000Z: making up for it',
      '11-12T06:00 run monthly of 09-12T07:00',
      '11-12T06:00 monthly was due at 2026-10-12T07:00:00.000Z: making up for it',
      '11-12T06:00 run monthly of 10-12T07:00',
      '11-12T06:00 nightly was due at 2026-11-12T05:00:00.000Z: making up for it',
      '11-12T06:00 run nightly of 11-12T05:00',
      '11-12T07:00 run monthly of 11-12T07:00',
    ])
  })
})

test('a job that was never run begins with its next run', async () => {
  expect(
    await simulate([nightly], { store: lake(), from: '2026-11-17T06:00:00Z', until: '2026-11-17T23:00:00Z' }),
  ).toEqual(['11-17T06:00 nightly: next run 2026-11-18T05:00:00.000Z'])
})

test('a run that takes longer than the time to the next does not overlap it', async () => {
  const hourly = job('hourly', "schedule: '0 * * * *'\n")
  const told = await simulate([hourly], {
    store: lake(),
    from: '2026-11-17T05:30:00Z',
    until: '2026-11-17T12:00:00Z',
    takesMs: 150 * 60_000,
  })
  expect(told.filter((line) => line.includes(' run hourly'))).toEqual([
    '11-17T06:00 run hourly of 11-17T06:00',
    '11-17T08:30 run hourly of 11-17T08:00',
    '11-17T11:00 run hourly of 11-17T11:00',
  ])
})

test('a run that died is made up for', async () => {
  const store = lake()
  const died = { job: 'nightly', dueAt: '2026-11-18T05:00:00.000Z', startedAt: '2026-11-18T05:00:00.000Z' }
  await writeJobRecord(store, died)
  const told = await simulate([nightly], { store, from: '2026-11-18T05:20:00Z', until: '2026-11-18T12:00:00Z' })
  expect(told.slice(1)).toEqual([
    '11-18T05:20 nightly was due at 2026-11-18T05:00:00.000Z: making up for it',
    '11-18T05:20 run nightly of 11-18T05:00',
  ])
})

test('a time zone keeps the hour when its clock changes', async () => {
  const berlin = job('berlin', "schedule: '0 5 * * *'\ntimeZone: Europe/Berlin\n")
  const told = await simulate([berlin], { store: lake(), from: '2026-10-23T12:00:00Z', until: '2026-10-26T12:00:00Z' })
  expect(told.slice(1)).toEqual([
    '10-24T03:00 run berlin of 10-24T03:00',
    '10-25T04:00 run berlin of 10-25T04:00',
    '10-26T04:00 run berlin of 10-26T04:00',
  ])
})

test('a lake that is out of reach for a while delays a run, and ends nothing', async () => {
  const store = lake()
  let failures = 0
  const shaky: JobStore = {
    writeFile: (name, content) => store.writeFile(name, content),
    async readFile(name) {
      failures += 1
      if (failures > 2 && failures < 5) throw new Error('the store is out of reach')
      return store.readFile(name)
    },
  }
  const told = await simulate([nightly], { store: shaky, from: '2026-11-18T04:58:30Z', until: '2026-11-18T12:00:00Z' })
  expect(told.slice(1)).toEqual([
    '11-18T04:59 the schedule goes on after a failure: the store is out of reach',
    '11-18T05:00 the schedule goes on after a failure: the store is out of reach',
    '11-18T05:01 nightly was due at 2026-11-18T05:00:00.000Z: making up for it',
    '11-18T05:01 run nightly of 11-18T05:00',
  ])
})

describe('the steps of a job', () => {
  const steps = job('steps', "schedule: '0 5 * * *'\n".replace('steps', ''))
  const three: Job = {
    ...steps,
    steps: ['run', 'report', 'close'].map((word) => ({
      words: [word, '{lastMonth}'],
      goOnAfter: [0],
      where: { file: 'steps.yaml', line: 2 },
    })),
  }
  const due = new Date('2026-11-12T07:00:00Z')
  const context = (commands: FocalCommands, store: JobStore, signal = new AbortController().signal) => ({
    store,
    commands,
    now: () => due,
    signal,
    tell: () => undefined,
  })
  const ending = (codes: Record<string, number>): FocalCommands => ({
    mistakeIn: ([word]) => (word === 'close' ? "unknown command 'close'" : undefined),
    execute: async ([word = '']) => ({ exitCode: codes[word] ?? 0 }),
  })

  test('stop at a code that the job does not go on after', async () => {
    const commands = { ...ending({ run: 3 }), mistakeIn: () => undefined }
    const outcome = await runJob(three, due, context(commands, lake()))
    expect({ exitCode: outcome.exitCode, steps: outcome.steps }).toEqual({
      exitCode: 3,
      steps: [{ command: 'focal run 2026-10', exitCode: 3, seconds: 0 }],
    })
    const patient = { ...three, steps: three.steps.map((step) => ({ ...step, goOnAfter: [0, 3] })) }
    const all = await runJob(patient, due, context(commands, lake()))
    expect(all.steps.map(({ exitCode }) => exitCode)).toEqual([3, 0, 0])
    expect(all.exitCode).toBe(3)
  })

  test('are all looked at before the first is run', async () => {
    const store = lake()
    await expect(runJob(three, due, context(ending({}), store))).rejects.toThrow(
      "the step is no command line of focal: unknown command 'close'",
    )
    expect(await readJobRecord(store, 'steps')).toBeUndefined()
  })

  test('that are stopped leave a record of a run that did not end', async () => {
    const [store, stop] = [lake(), new AbortController()]
    const commands = {
      mistakeIn: () => undefined,
      execute: async () => {
        stop.abort(new Error('stopped'))
        return { exitCode: 1 }
      },
    }
    await expect(runJob(three, due, context(commands, store, stop.signal))).rejects.toThrow('stopped')
    expect(await readJobRecord(store, 'steps')).toEqual({
      job: 'steps',
      dueAt: '2026-11-12T07:00:00.000Z',
      startedAt: '2026-11-12T07:00:00.000Z',
      stoppedAt: '2026-11-12T07:00:00.000Z',
    })
  })
})
