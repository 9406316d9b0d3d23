import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { onlyTarget } from '../../reports/chargeback/build.ts'
import type { Chargeback } from '../../reports/chargeback/model.ts'
import { renderers, type Rendered, type ReportFormat } from '../../reports/chargeback/render.ts'
import type { JournalRules } from '../../reports/journal/expenses.ts'
import type { Journal, JournalKind } from '../../reports/journal/journal.ts'
import { postChargeback } from '../../reports/journal/post.ts'
import { profiles, type ProfileName } from '../../reports/journal/profiles.ts'
import { journalUploads } from '../../reports/journal/uploads.ts'
import type { Sink } from '../../sinks/sink.ts'

export interface ReportFile {
  readonly name: string
  readonly content: Rendered
}

/** A chargeback in each format, of everybody or of one target. UserError for a target that has no statement. */
export async function renderChargeback(
  chargeback: Chargeback,
  formats: readonly ReportFormat[],
  target?: string,
): Promise<ReportFile[]> {
  const shown = target === undefined ? chargeback : onlyTarget(chargeback, target)
  if (target !== undefined && shown.statements.length === 0) {
    const targets = [...new Set(chargeback.statements.map((statement) => statement.target))]
    throw new UserError(`the target ${target} has no statement for ${chargeback.period}`, {
      hint: `There are statements for ${targets.join(', ')}.`,
    })
  }
  const name = target === undefined ? 'chargeback' : `chargeback-${target.replaceAll(/[^\w.-]+/g, '-')}`
  const files: ReportFile[] = []
  for (const format of formats) files.push({ name: `${name}.${format}`, content: await renderers[format](shown) })
  return files
}

export interface JournalRequest {
  readonly profile: ProfileName
  readonly kind: JournalKind
  /** `finance.journal` of the configuration. */
  readonly rules: JournalRules | undefined
}

/** A month's journals, and one upload of each in the ledger's format. UserError when the configuration has no rules. */
export function renderJournals(
  chargeback: Chargeback,
  { profile: name, kind, rules }: JournalRequest,
): { journals: Journal[]; files: ReportFile[] } {
  if (rules === undefined) {
    throw new UserError('the configuration does not say how to post', {
      hint: 'Add finance.journal with payer and clearingAccount to focal.yaml.',
    })
  }
  const profile = profiles[name]
  const journals = postChargeback(chargeback, { kind, rules, maxLines: profile.maxLines })
  const uploads = journalUploads(journals, profile, rules)
  const files = journals.map(({ id }, at) => ({
    name: `journal-${name}-${id.replace(`focal-${chargeback.period}-`, '')}.csv`,
    content: uploads[at] ?? '',
  }))
  return { journals, files }
}

/** Puts files under `reports/<period>/` of the lake. A closed month's are what was closed: they are not written over. */
export async function keepReports(
  lake: Sink,
  { period, state }: Chargeback,
  files: readonly ReportFile[],
): Promise<string[]> {
  if (state === 'closed') {
    throw new UserError(`${period} is closed: its statements in ${reportFolder(period)} stay as they are`, {
      hint: 'Name another folder with --output to print it again.',
    })
  }
  const names = files.map(({ name }) => `${reportFolder(period)}/${name}`)
  for (const [at, { content }] of files.entries()) await lake.writeFile(names[at] ?? '', content)
  return names
}

/** Puts files into a folder of this machine. */
export async function saveReports(folder: string, files: readonly ReportFile[]): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const names = files.map(({ name }) => path.join(folder, name))
  for (const [at, { content }] of files.entries()) await writeFile(names[at] ?? '', content)
  return names
}

export function reportFolder(period: Period): string {
  return `reports/${period}`
}
