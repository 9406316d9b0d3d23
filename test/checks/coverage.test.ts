import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { coverage, coveredRules, isCheck, ruleVerdicts } from '../../src/checks/coverage.ts'
import { checkFocus, focusRules, type CheckResult } from '../../src/checks/index.ts'
import { quoteText } from '../../src/core/duckdb.ts'
import type { FocusVersion } from '../../src/core/focus.ts'
import { conforming, relationOf, sharedSession } from './focus-rows.ts'

const session = sharedSession()
const specification = path.resolve(import.meta.dirname, '../../../shared/focus-spec')
const models = [
  ['1.2', 'rules-1.2.0.1.csv'],
  ['1.3', 'rules-1.3.csv'],
] as const
const datasets = ['CostAndUsage', 'ContractCommitment']

describe.skipIf(!existsSync(specification))('the requirements model', () => {
  test.each(models)('every rule of %s is in the table, and none that it does not have', async (version, file) => {
    const rules = await session().rows<{ rule: string; keyword: string }>(
      `SELECT regexp_replace(RuleId, '^CAU-', '') AS rule, Keyword AS keyword
       FROM read_csv(${quoteText(path.join(specification, file))}, all_varchar = true, header = true)`,
    )
    const covered = datasets.flatMap((dataset) => coveredRules(version, dataset))
    expect(covered.map(line).toSorted()).toEqual(rules.map(line).toSorted())
  })
})

test('a rule has checks or a reason, never both', () => {
  const { reasons, rules } = coverage()
  const odd = rules.filter(({ checks, reason }) =>
    reason === undefined ? (checks ?? []).length === 0 : checks !== undefined || reasons[reason] === undefined,
  )
  expect(odd).toEqual([])
})

test.each(['1.2', '1.3'] as const)('every check that the table names for FOCUS %s exists', async (version) => {
  for (const dataset of datasets) {
    const known = new Set(await checkIds(version, dataset))
    const missing = coveredRules(version, dataset).flatMap(({ rule, checks = [] }) =>
      checks.filter((named) => ![...known].some((id) => isCheck(id, named))).map((named) => `${rule}: ${named}`),
    )
    expect(missing).toEqual([])
  }
})

test('every row and group check of Cost and Usage stands for a rule or is a stricter one of focal', () => {
  for (const version of ['1.2', '1.3'] as const) {
    const named = coveredRules(version).flatMap(({ checks = [] }) => checks)
    const idle = focusRules(version)
      .map(({ id }) => id)
      .filter((id) => !id.startsWith('focal-') && !named.some((name) => isCheck(id, name)))
    expect(idle).toEqual([])
  }
})

test('the verdicts say what holds, what is broken and by which check, and what nobody checks', async () => {
  const rows = [{ ...conforming, BillingCurrency: 'US$', BillingAccountName: null, ProviderName: 'AWS' }]
  const relation = `(SELECT * EXCLUDE (SkuMeter) FROM ${relationOf('1.2', rows)})`
  const verdicts = ruleVerdicts('1.2', 'CostAndUsage', await checkFocus(session(), relation, '1.2'))
  const of = (rule: string) => verdicts.find((verdict) => verdict.rule === rule)
  expect(of('BilledCost-C-003-M')).toEqual({
    rule: 'BilledCost-C-003-M',
    keyword: 'MUST NOT',
    verdict: 'holds',
    why: '',
  })
  expect(of('CurrencyFormat-A-001-C')).toMatchObject({ verdict: 'broken', why: 'BillingCurrency-C-006-M' })
  expect(of('BillingAccountName-C-003-C')).toMatchObject({ verdict: 'known gap', why: 'BillingAccountName-C-003-C' })
  expect(of('SkuMeter-C-005-C')).toMatchObject({ verdict: 'does not apply', why: '' })
  expect(of('BilledCost-C-007-M')).toMatchObject({
    verdict: 'not checked',
    why: 'The rule compares rows with an invoice, a price list or a catalogue, which are no part of the dataset.',
  })
  expect(verdicts).toHaveLength(621)
})

function line({ rule, keyword }: { rule: string; keyword: string }): string {
  return `${rule} ${keyword}`
}

/** Ids of all checks: those of typed files, and those of text files. */
async function checkIds(version: FocusVersion, dataset: string): Promise<string[]> {
  const empty = `(SELECT * FROM ${relationOf(version, [conforming])} LIMIT 0)`
  const structure: CheckResult[] = await checkFocus(session(), empty, version)
  return [...structure, ...focusRules(version, dataset)].map(({ id }) => id)
}
