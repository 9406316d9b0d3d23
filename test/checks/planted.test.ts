import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { focusRules, validatePath, violationsSql, type CheckResult } from '../../src/checks/index.ts'
import { datasetOf } from '../../src/checks/dataset.ts'
import { openFocusFiles } from '../../src/checks/focus-files.ts'
import { subjectOf, tableColumns, type Subject } from '../../src/checks/subject.ts'
import { relationOf, sharedSession, type FocusRow } from './focus-rows.ts'
import { cleanRows, missedByOfficialValidator, planted } from './planted.ts'

const session = sharedSession()
const folder = mkdtempSync(path.join(tmpdir(), 'focal-planted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let amongClean: readonly CheckResult[]
let found: readonly CheckResult[]
let subject: Subject

/** A text file of the rows, as anybody might write it. */
async function fileOf(name: string, rows: readonly FocusRow[]): Promise<string> {
  const file = path.join(folder, name)
  await session().run(`COPY ${relationOf('1.2', rows, false)} TO '${file}' (FORMAT csv, HEADER)`)
  return file
}

async function findings(file: string): Promise<CheckResult[]> {
  const { checks } = await validatePath(session(), file, '1.2')
  return checks.filter(({ outcome }) => outcome !== 'passed')
}

beforeAll(async () => {
  amongClean = await findings(await fileOf('clean.csv', cleanRows))
  const file = await fileOf('planted.csv', [...cleanRows, ...planted.map(([, row]) => row)])
  found = await findings(file)
  const { relation } = await openFocusFiles(session(), file)
  subject = subjectOf(relation, await tableColumns(session(), relation), datasetOf('1.2'))
})

test('there are at least sixty kinds, each of its own', () => {
  expect(new Set(planted.map(([kind]) => kind)).size).toBe(planted.length)
  expect(planted.length).toBeGreaterThanOrEqual(60)
  expect(missedByOfficialValidator).toHaveLength(14)
})

test('the rows among which they are planted are clean', () => {
  expect(amongClean).toEqual([])
})

test.each(planted.map(([kind, , check], index) => [kind, check, cleanRows.length + index + 1] as const))(
  '%s is found by %s',
  async (_, check, row) => {
    expect(found.find(({ id }) => id === check)?.outcome).toBe('failed')
    const rule = focusRules('1.2').find(({ id }) => id === check)
    if (rule === undefined) throw new Error(`There is no rule ${check}`)
    const offenders = await session().rows<{ row: number }>(`SELECT "row" FROM (${violationsSql(rule, subject.sql)})`)
    const clean = offenders.filter((offender) => offender.row <= cleanRows.length)
    expect(offenders.map((offender) => offender.row)).toContain(row)
    // Rows that share a planted row's service, region or account offend with it where the rule is about the group.
    if (rule.kind === 'row') expect(clean).toEqual([])
  },
)
