import type { CheckResult, Outcome } from './result.ts'
import type { ValidationReport } from './validate.ts'

/**
 * The report as people read it: what was checked, every rule that found something with its level, how many
 * rows and what share of the cost it concerns, and examples; then one closing line.
 */
export function describeReport(report: ValidationReport): string {
  const { path, dataset, version, versionFrom, files, rows, checked, failed, knownGaps, checks } = report
  const told = versionFrom === 'columns' ? ' (told from its columns)' : ''
  const of = dataset === 'CostAndUsage' ? '' : ` ${dataset}`
  const head = `${path}: FOCUS ${version}${of}${told}, ${counted(files, 'file')}`
  const sections = headings.flatMap(([outcome, heading]) => {
    const found = checks.filter((check) => check.outcome === outcome)
    return found.length === 0 ? [] : [[heading, ...found.map(describeCheck)].join('\n')]
  })
  const end = [
    counted(rows, 'row'),
    `${counted(checked, 'rule')} checked`,
    `${failed} failed`,
    counted(knownGaps, 'known gap'),
  ]
  return [head, ...sections, end.join(', ')].join('\n\n')
}

/** The report for programs: the same without the rules that hold, which are only counted. */
export function reportJson(report: ValidationReport): ValidationReport {
  return { ...report, checks: report.checks.filter(({ outcome }) => outcome !== 'passed') }
}

const headings: readonly [Outcome, string][] = [
  ['failed', 'Failed'],
  ['warned', 'Should be better'],
  ['known gap', 'Known gaps'],
  ['noted', 'To know'],
]

function describeCheck(check: CheckResult): string {
  const { id, keyword, text } = check
  return [`  ${id}  ${keyword}  ${text}`, ...describeFinding(check).map((line) => `    ${line}`)].join('\n')
}

/** What a check found, line by line: how much it concerns, what of it is a known gap, and examples. */
export function describeFinding(check: CheckResult): string[] {
  const { kind, outcome, gaps, samples } = check
  if (kind === 'structure') return [describeColumns(samples)]
  const covered = gaps.map((gap) => `${gap.id}, ${counted(gap.rows, 'row')}: ${gap.reason}`)
  const examples = outcome === 'known gap' ? [] : samples.map(describeSample)
  return [describeExtent(check), ...covered, ...examples]
}

function describeExtent({ rows, share, known }: CheckResult): string {
  const cost = share === null ? '' : `, ${percent(share)} of BilledCost`
  return `${counted(rows, 'row')}${cost}${known > 0 && known < rows ? `, ${count(known)} of them a known gap` : ''}`
}

/** `BilledCost DOUBLE, ListCost DOUBLE` where types matter, else the names. */
function describeColumns(samples: CheckResult['samples']): string {
  return samples.map(({ column, type = '' }) => `${plain(column)} ${plain(type)}`.trim()).join(', ')
}

/** `file a.csv, row 3, SkuId null, ChargeCategory "Usage"`: texts of the data in quotes, so that blanks show. */
function describeSample(sample: CheckResult['samples'][number]): string {
  return Object.entries(sample)
    .map(([column, value]) => `${column} ${column === 'file' ? plain(value) : JSON.stringify(value)}`)
    .join(', ')
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function percent(share: number): string {
  return share > 0 && share < 0.0001 ? 'under 0.01%' : `${(share * 100).toFixed(2)}%`
}

export function counted(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
