import { htmlText } from './document.ts'
import { describeFinding } from './report.ts'
import type { ValidationReport } from './validate.ts'

/**
 * The report as JUnit XML, for build servers: one test case per check. A broken MUST is a failure; a known gap is
 * skipped with its reason; a broken SHOULD passes and says so in its output.
 */
export function junitXml(report: ValidationReport): string {
  const { checks, dataset, version, failed, knownGaps } = report
  const suite = `<testsuite name="FOCUS ${version} ${dataset}" tests="${checks.length}" failures="${failed}" skipped="${knownGaps}">`
  const cases = checks.map((check) => {
    const name = xmlText(`${check.id}: ${check.text}`)
    const open = `<testcase classname="${xmlText(check.column ?? 'columns')}" name="${name}"`
    if (check.outcome === 'passed') return `    ${open}/>`
    const message = xmlText(describeFinding(check).join('\n'))
    if (check.outcome === 'failed')
      return `    ${open}><failure type="${check.keyword}" message="${name}">${message}</failure></testcase>`
    if (check.outcome === 'known gap') return `    ${open}><skipped message="${message}"/></testcase>`
    return `    ${open}><system-out>${message}</system-out></testcase>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n  ${suite}\n${cases.join('\n')}\n  </testsuite>\n</testsuites>\n`
}

/** XML has no way to write control characters; values of the data may hold some. */
function xmlText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return htmlText(text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, '�'))
}
