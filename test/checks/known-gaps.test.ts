import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { defineRuleMacros, focusRules, knownGaps } from '../../src/checks/index.ts'
import { gapsOf } from '../../src/checks/known-gaps.ts'
import { focusSchema, focusVersions } from '../../src/core/focus.ts'
import { conforming, relationOf, sharedSession } from './focus-rows.ts'

const session = sharedSession()

beforeAll(async () => defineRuleMacros(session()))

test('a known gap has an id, its rules, its rows and a reason', () => {
  const shape = z.strictObject({
    id: z.string().regex(/^[a-z-]+$/),
    rules: z.array(z.string()),
    where: z.string().startsWith("{provider} = '"),
    reason: z.string().endsWith('.'),
  })
  const gaps = z.array(shape).parse(knownGaps())
  expect(new Set(gaps.map(({ id }) => id)).size).toBe(gaps.length)
})

test('a known gap covers rules that exist', () => {
  const ids = new Set(focusVersions.flatMap((version) => focusRules(version).map(({ id }) => id)))
  expect(knownGaps().flatMap(({ rules }) => rules.filter((id) => !ids.has(id)))).toEqual([])
})

test.each(focusVersions)('the rows of every gap can be asked for in FOCUS %s', async (version) => {
  const schema = focusSchema(version)
  const wheres = focusRules(version).flatMap(({ id }) => gapsOf(id, knownGaps(), schema).map(({ where }) => where))
  const [row] = await session().rows(
    `SELECT ${wheres.map((where) => `count_if(${where})`).join(' + ')} AS n FROM ${relationOf(version, [conforming])}`,
  )
  expect(row).toEqual({ n: '0' })
})
