import path from 'node:path'
import { exitCode, UserError } from '../core/errors.ts'
import { isPeriod } from '../core/period.ts'
import { makeChargeback } from '../pipeline/month-end/chargeback.ts'
import {
  keepReports,
  renderChargeback,
  renderJournals,
  saveReports,
  type ReportFile,
} from '../pipeline/month-end/report.ts'
import type { Chargeback } from '../reports/chargeback/model.ts'
import { renderers, type ReportFormat } from '../reports/chargeback/render.ts'
import type { JournalKind } from '../reports/journal/journal.ts'
import { profileNames, type ProfileName } from '../reports/journal/profiles.ts'
import { configured, type Configured } from './configured.ts'
import { money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly period: string
  readonly target?: string
  /** Formats, separated by commas. */
  readonly format: string
  readonly profile: string
  readonly kind: JournalKind
  readonly output?: string
}

/** `focal report chargeback`: writes a month's statements and journal, and prints who owes what. */
export async function reportChargeback(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (!isPeriod(options.period)) {
    throw new UserError(`"${options.period}" is not a billing period`, { hint: 'Write a month as 2026-10.' })
  }
  const formats = askedFormats(options.format)
  const made = await configured(options.config, terminal)
  const chargeback = await makeChargeback({ ...made, period: options.period, env: terminal.env, signal })
  const files = await renderAll(chargeback, formats, options, made)
  const names =
    options.output === undefined
      ? (await keepReports(made.lake, chargeback, files)).map((name) => `${made.lake.address}/${name}`)
      : await saveReports(path.resolve(terminal.cwd, options.output), files)
  terminal.stdout.write(`${describeStatements(chargeback, options.target)}\n\n${names.join('\n')}\n`)
  return exitCode.done
}

type AskedFormat = ReportFormat | 'journal'

function askedFormats(text: string): AskedFormat[] {
  const known = [...Object.keys(renderers), 'journal'] as AskedFormat[]
  return text.split(',').map((part) => {
    const found = known.find((format) => format === part.trim())
    if (found !== undefined) return found
    throw new UserError(`there is no format ${part.trim()}`, { hint: `Name some of ${known.join(', ')}.` })
  })
}

async function renderAll(
  chargeback: Chargeback,
  formats: readonly AskedFormat[],
  { target, profile, kind }: Options,
  { config }: Configured,
): Promise<ReportFile[]> {
  const readable = formats.filter((format) => format !== 'journal')
  const files = await renderChargeback(chargeback, readable, target)
  if (!formats.includes('journal')) return files
  if (target !== undefined) {
    throw new UserError('a journal is of all targets', { hint: 'Leave --target out, or journal out of --format.' })
  }
  const rules = config.finance?.journal
  return [...files, ...renderJournals(chargeback, { profile: askedProfile(profile), kind, rules }).files]
}

function askedProfile(text: string): ProfileName {
  const found = profileNames.find((name) => name === text)
  if (found !== undefined) return found
  throw new UserError(`there is no profile ${text}`, { hint: `Name one of ${profileNames.join(', ')}.` })
}

/** Who owes what, a line for each statement. */
export function describeStatements({ statements }: Chargeback, target?: string): string {
  const shown = statements.filter((statement) => target === undefined || statement.target === target)
  return table(
    ['statement', 'name', 'mode', 'this month', 'last month', 'year to date', 'currency'],
    shown.map(({ id, name, mode, total, previous, yearToDate, currency }) => [
      id,
      name,
      mode,
      ...[total, previous, yearToDate].map(money),
      currency,
    ]),
  )
}
