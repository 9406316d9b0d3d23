import { Cron } from 'croner'
import { z } from 'zod'
import { UserError, type Where } from '../core/errors.ts'
import { readYaml } from '../core/yaml.ts'
import { splitWords } from './words.ts'

/** What a job does and when: `jobs/<name>.yaml`. */
export interface Job {
  readonly name: string
  readonly file: string
  readonly description: string
  /** A cron pattern of five fields, or of six with seconds first. */
  readonly schedule: string
  /** IANA name; the schedule and `{lastMonth}` follow its calendar. */
  readonly timeZone: string
  /** Of several runs that were missed, whether only the last is made up for, or each. */
  readonly missed: 'last' | 'each'
  readonly steps: readonly Step[]
  /** Kinds of notices that go out after the job. */
  readonly notify: readonly string[]
}

export interface Step {
  /** The command line after `focal`, with its placeholders. */
  readonly words: readonly string[]
  /** Exit codes after which the job goes on to its next step. */
  readonly goOnAfter: readonly number[]
  readonly where: Where
}

const stepText = z.string().regex(/^focal \S/, 'expected a command line that begins with focal, such as "focal run"')

const timeZone = z.string().refine(isTimeZone, 'expected a time zone such as UTC or Europe/Berlin')

const jobSchema = (noticeKinds: readonly [string, ...string[]]) =>
  z.strictObject({
    description: z.string().default(''),
    schedule: z.string().refine(isSchedule, 'expected a cron pattern such as "0 5 * * *"'),
    timeZone: timeZone.default('UTC'),
    missed: z.enum(['last', 'each']).default('last'),
    steps: z
      .array(
        z.union([
          stepText,
          z.strictObject({ step: stepText, goOnAfter: z.array(z.int().min(0).max(255)).default([0]) }),
        ]),
      )
      .min(1, 'expected at least one step'),
    notify: z.array(z.enum(noticeKinds, `expected one of ${noticeKinds.join(', ')}`)).default([...noticeKinds]),
  })

/** Reads a job. UserError names the file, the line and what was expected. `noticeKinds` are those that there are. */
export function parseJob(
  text: string,
  { name, file, env, noticeKinds }: { name: string; file: string; env: Environment; noticeKinds: readonly string[] },
): Job {
  const { data, whereIs } = readYaml(text, file, env, jobSchema(noticeKinds as [string, ...string[]]), {
    whole: 'the job',
    keys: 'A job has description, schedule, timeZone, missed, steps and notify; docs/operations.md shows one.',
    values: 'docs/operations.md shows a job with every key and what it takes.',
  })
  const steps = data.steps.map((written, index): Step => {
    const { step, goOnAfter } = typeof written === 'string' ? { step: written, goOnAfter: [0] } : written
    const where = whereIs(['steps', index])
    return { words: splitWords(step, where).slice(1), goOnAfter, where }
  })
  return { ...data, name, file, steps }
}

type Environment = Readonly<Record<string, string | undefined>>

/** The words of a step for the time that the job was due. UserError names a placeholder that there is not. */
export function fillIn({ words, where }: Step, due: Date, zone: string): string[] {
  const values = new Map(Object.entries(placeholders(due, zone)))
  return words.map((word) =>
    word.replaceAll(/\{(\w*)\}/g, (whole, name: string) => {
      const value = values.get(name)
      if (value !== undefined) return value
      throw new UserError(`there is no placeholder ${whole}`, {
        where,
        hint: `A step knows ${[...values.keys()].map((known) => `{${known}}`).join(', ')}.`,
      })
    }),
  )
}

/** As the calendar of the time zone has it when the job is due. */
function placeholders(due: Date, zone: string) {
  const date = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(due)
  const [year = 0, month = 0] = date.split('-').map(Number)
  const before = month === 1 ? [year - 1, 12] : [year, month - 1]
  return {
    lastMonth: `${before[0]}-${String(before[1]).padStart(2, '0')}`,
    thisMonth: date.slice(0, 7),
    date,
  }
}

function isSchedule(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null
  } catch {
    return false
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
