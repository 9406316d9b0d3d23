import { coverage, ruleVerdicts, type RuleVerdict } from './coverage.ts'
import type { Document, Section } from './document.ts'
import { counted, describeFinding } from './report.ts'
import type { CheckResult, Outcome } from './result.ts'
import type { ValidationReport } from './validate.ts'

/**
 * The conformance gap report: what was checked, where the data depart from FOCUS and why, and what became of every
 * rule of the requirements model, those included that no check can decide.
 */
export function gapReport(report: ValidationReport, subject: string, now: Date): Document {
  const verdicts = ruleVerdicts(report.version, report.dataset, report.checks)
  return {
    title: `FOCUS ${report.version} conformance gap report`,
    sections: [
      about(report, subject, now),
      ...summary(verdicts),
      findings(report, 'failed', 'Rules that are broken', 'No MUST is broken.'),
      findings(report, 'known gap', 'Known gaps', 'There are no known gaps.'),
      findings(
        report,
        'warned',
        'Recommendations that are not met',
        'Every recommendation that can be checked is met.',
      ),
      findings(report, 'noted', 'Columns that are left out', 'Every column is there.'),
      ...everyRule(verdicts),
    ],
  }
}

function about(report: ValidationReport, subject: string, now: Date): Section {
  const { dataset, version, versionFrom, files, rows, checked } = report
  const told = versionFrom === 'columns' ? ', as its columns show' : ', as asked for'
  return {
    table: {
      header: ['What was checked', ''],
      rows: [
        ['Data', subject],
        ['Dataset', dataset],
        ['FOCUS version', `${version}${told}`],
        ['Extent', `${counted(rows, 'row')} in ${counted(files, 'file')}`],
        ['Checks', String(checked)],
        ['Date', now.toISOString().slice(0, 10)],
      ],
    },
  }
}

const verdictOrder = ['holds', 'known gap', 'broken', 'does not apply', 'not checked'] as const

function summary(verdicts: readonly RuleVerdict[]): Section[] {
  if (verdicts.length === 0) return []
  const keywords = [...new Set(verdicts.map(({ keyword }) => keyword))].toSorted()
  const count = (keyword: string, verdict: string) =>
    verdicts.filter((each) => each.keyword === keyword && each.verdict === verdict).length
  const rows = keywords.map((keyword) => [keyword, ...verdictOrder.map((verdict) => String(count(keyword, verdict)))])
  return [{ heading: 'The rules of the requirements model', table: { header: ['Level', ...verdictOrder], rows } }]
}

function findings({ checks }: ValidationReport, outcome: Outcome, heading: string, none: string): Section {
  const found = checks.filter((check) => check.outcome === outcome)
  if (found.length === 0) return { heading, paragraphs: [none] }
  const rows = found.map((check: CheckResult) => [
    check.id,
    check.keyword,
    check.text,
    describeFinding(check).join('; '),
  ])
  return { heading, table: { header: ['Check', 'Level', 'Rule', 'Found'], rows } }
}

function everyRule(verdicts: readonly RuleVerdict[]): Section[] {
  if (verdicts.length === 0)
    return [
      {
        heading: 'Every rule',
        paragraphs: ['No requirements model of this version is at hand; the checks above are those of focal.'],
      },
    ]
  const rows = verdicts.map(({ rule, keyword, verdict, why }) => [rule, keyword, verdict, why])
  return [
    {
      heading: 'Every rule',
      paragraphs: [coverage().source],
      table: { header: ['Rule', 'Level', 'Verdict', 'Checks that found something, or why there is none'], rows },
    },
  ]
}
