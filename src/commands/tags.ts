import { exitCode, UserError } from '../core/errors.ts'
import { parsePeriodRange, type PeriodRange } from '../core/period.ts'
import type { Session } from '../core/duckdb.ts'
import { readUnits } from '../pipeline/state.ts'
import type { Sink } from '../sinks/sink.ts'
import { addDimensions } from '../transforms/allocation/engine/placement.ts'
import { loadRuleSet } from '../transforms/allocation/rules.ts'
import { configured } from './configured.ts'
import { openLake } from './lake-session.ts'
import { comparePercent } from '../core/percent.ts'
import { coverageOfKeys, measure, spellingsOfValues, type KeyCoverage, type Subject } from './tags/coverage.ts'
import { describeTags, type TagReport } from './tags/describe.ts'
import { suggest } from './tags/suggest.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly period?: string
  readonly by?: string
  readonly failUnder?: string
  readonly json?: boolean
}

/**
 * `focal tags`: how much of the cost is tagged, by key and by team, and how to raise it.
 * 4 when less than `--fail-under` percent of EffectiveCost is covered in some currency.
 */
export async function tags(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  const least = options.failUnder
  const periods = options.period === undefined ? await newestPeriod(made.lake) : parsePeriodRange(options.period)
  const session = await openLake(made, signal)
  try {
    const keys = await coverageOfKeys(session, periods)
    const values = await spellingsOfValues(session)
    const dimension = await dimensionNamed(options.by, made.config.allocation, session, terminal)
    const subject = dimension ?? chooseSubject(options.by, keys)
    const measurement = await measure(session, subject)
    const report: TagReport = {
      periods,
      by: subject.name,
      ...measurement,
      keys,
      values,
      suggestion: suggest(subject, keys, values),
      failUnder: least,
      passed:
        least === undefined ||
        measurement.coverage.every(
          ({ effective, total_effective }) => comparePercent(effective, total_effective, least) >= 0,
        ),
    }
    terminal.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : describeTags(report)}\n`)
    return report.passed ? exitCode.done : exitCode.checkFailed
  } finally {
    session.close()
  }
}

/** The newest month that any source has rows of. */
async function newestPeriod(lake: Sink): Promise<PeriodRange> {
  const newest = (await readUnits(lake))
    .map(({ period }) => period)
    .toSorted()
    .at(-1)
  if (newest === undefined) throw new UserError('nothing is published yet', { hint: 'Run `focal run` first.' })
  return { from: newest, to: newest }
}

/** The dimension of the rules that was named, or their first one; undefined when the name is none of theirs. */
async function dimensionNamed(
  by: string | undefined,
  rules: string | undefined,
  session: Session,
  terminal: Terminal,
): Promise<Subject | undefined> {
  if (rules === undefined) return undefined
  const { dimensions } = await loadRuleSet(rules, terminal.env)
  const dimension = by === undefined ? dimensions[0] : dimensions.find(({ name }) => name === by)
  if (dimension === undefined) return undefined
  const { name, keys, allowed = [] } = dimension
  return { name, keys, allowed, relation: await addDimensions(session, dimensions, 'charges') }
}

/** The key that was named, or the one that covers most. */
function chooseSubject(by: string | undefined, keys: readonly KeyCoverage[]): Subject {
  const named = by === undefined ? keys[0] : keys.find((key) => key.keys.includes(by) || key.family === by)
  if (named !== undefined) return { name: named.keys[0] ?? named.family, keys: named.keys, allowed: [] }
  throw new UserError(
    by === undefined ? 'no charge of the month has a tag' : `no charge of the month has a tag "${by}"`,
    {
      hint:
        keys.length === 0
          ? 'Switch on tags in the billing export; see the provider’s page on cost allocation tags.'
          : `The keys are ${[...new Set(keys.flatMap((key) => key.keys))].slice(0, 12).join(', ')}.`,
    },
  )
}
