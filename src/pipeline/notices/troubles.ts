import { describeFreshness, type Freshness } from '../freshness.ts'
import type { RunRecord, UnitRecord } from '../state.ts'
import type { Trouble } from './incidents.ts'

/** How a job went, as far as people are told. */
export interface JobFacts {
  readonly job: string
  readonly exitCode: number
  readonly steps: readonly { readonly command: string; readonly exitCode: number; readonly error?: string }[]
}

/** A step that ended with this found something; it did not fail. */
const checkFailedCode = 4

/** What stopped units, sources, months or whole steps of a job. `run` is the run that the job made, if it made one. */
export function failedRun(job: JobFacts, run: RunRecord | undefined): Trouble[] {
  const steps = job.steps.filter(({ exitCode }) => exitCode !== 0 && exitCode !== checkFailedCode)
  if (steps.length === 0) return []
  const details = run === undefined ? [] : failuresOf(run)
  const stepLines = steps.map(
    ({ command, exitCode, error }) =>
      `${command} ended with ${exitCode}${error === undefined ? '' : `: ${firstLine(error)}`}`,
  )
  const some = steps.every(({ exitCode }) => exitCode === 3)
  return [
    {
      incident: `run-failed:${job.job}`,
      kind: 'run-failed',
      severity: some ? 'warning' : 'error',
      title: some ? `${job.job}: some of it failed, the rest is published` : `${job.job} failed`,
      lines: [...details.map(({ place, detail }) => `${place}: ${firstLine(detail)}`), ...stepLines],
      hint: 'What was published before stays as it was. `focal status` shows the lake; the next run tries again.',
      essence: [
        ...details.map(({ place, detail }) => `${place} ${firstLine(detail)}`),
        ...steps.map(({ command, exitCode }) => `${command.split(' ')[1] ?? ''} ${exitCode}`),
      ],
      overTitle: `${job.job} is well again: every step went through`,
    },
  ]
}

/** Everything in a run that failed, with the lines that say why. */
export function failuresOf(run: RunRecord): { place: string; detail: string }[] {
  const { units, failedSources, allocation } = run
  return [
    ...failedSources.map(({ source, detail }) => ({ place: source, detail })),
    ...units.flatMap(({ source, period, result, detail }) =>
      result === 'failed' ? [{ place: `${source} ${period}`, detail }] : [],
    ),
    ...(allocation?.failed === undefined ? [] : [{ place: 'allocation', detail: allocation.failed }]),
    ...(allocation?.corrections?.result === 'failed'
      ? [{ place: 'corrections of closed months', detail: allocation.corrections.detail }]
      : []),
    ...(allocation?.months ?? []).flatMap(({ period, result, detail }) =>
      result === 'failed' ? [{ place: `allocation of ${period}`, detail }] : [],
    ),
  ]
}

export function staleSources(freshness: readonly Freshness[]): Trouble[] {
  return freshness
    .filter(({ stale }) => stale)
    .map((fresh) => ({
      incident: `source-stale:${fresh.source}`,
      kind: 'source-stale',
      severity: 'warning',
      title: `${fresh.source} brings nothing new: its data ends ${fresh.dataUntil.slice(0, 16).replace('T', ' ')} UTC`,
      lines: [describeFreshness(fresh)],
      hint: 'Is its export still on, and may it still write where it did? If the source has ended, give it until: in the configuration.',
      essence: [fresh.dataUntil],
      overTitle: `${fresh.source} is no longer stale`,
    }))
}

/** FOCUS rules that published rows break, by source. */
export function brokenRules(units: readonly UnitRecord[]): Trouble[] {
  return [...Map.groupBy(units, ({ source }) => source)].flatMap(([source, records]) => {
    const broken = records.flatMap(({ period, checks }) => checks.failed.map((rule) => ({ period, ...rule })))
    if (broken.length === 0) return []
    const rules = [...new Set(broken.map(({ rule }) => rule))].toSorted()
    return [
      {
        incident: `check-failed:${source}`,
        kind: 'check-failed',
        severity: 'warning',
        title: `${source}: published rows break ${rules.length} FOCUS ${rules.length === 1 ? 'rule' : 'rules'}`,
        lines: broken.map(({ period, rule, rows, text }) => `${period}: ${rows} rows break ${rule}: ${text}`),
        hint: '`focal validate` on the lake shows the rows. The totals are proven all the same.',
        essence: rules,
        overTitle: `${source}: the rows keep all FOCUS rules again`,
      } as const,
    ]
  })
}

/** Steps whose result is a check that did not hold: validate, reconcile, a limit of the allocation rules. */
export function failedChecks(job: JobFacts, run: RunRecord | undefined): Trouble[] {
  const steps = job.steps.filter(({ exitCode }) => exitCode === checkFailedCode)
  if (steps.length === 0) return []
  const breaches = (run?.allocation?.breaches ?? []).filter(({ severity }) => severity === 'fail')
  return [
    {
      incident: `check-failed:${job.job}`,
      kind: 'check-failed',
      severity: 'warning',
      title: `${job.job}: a check did not hold`,
      lines: [
        ...breaches.map(
          ({ period, currency, percent, limit }) =>
            `${period}: ${percent} % of the ${currency} cost is unallocated, the rules allow ${limit} %`,
        ),
        ...steps.map(({ command }) => `${command} says so (exit code ${checkFailedCode})`),
      ],
      hint: 'Run the command by hand to see what it found.',
      essence: [...breaches.map(({ period }) => period), ...steps.map(({ command }) => command.split(' ')[1] ?? '')],
      overTitle: `${job.job}: every check holds again`,
    },
  ]
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
