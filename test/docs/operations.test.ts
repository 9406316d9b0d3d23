import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { exitCode } from '../../src/core/errors.ts'
import { parseJob } from '../../src/jobs/job.ts'
import { noticeKinds } from '../../src/notify/index.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** The pages that people who run focal read say what it does. */

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = (name: string) => readFileSync(path.join(root, 'docs', name), 'utf8')
const operations = page('operations.md')

/** The YAML examples, in order. */
const examples = [...operations.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
/** The words in backquotes that begin the lines of tables. */
const firstCells = [...operations.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell)

describe('operations.md', () => {
  test('shows a job that is one', () => {
    const text = examples.find((example) => example.startsWith('# jobs/')) ?? ''
    const job = parseJob(text, { name: 'weekly', file: 'jobs/weekly.yaml', env: {}, noticeKinds })
    expect(job.steps.map(({ words, goOnAfter }) => [words[0], goOnAfter])).toEqual([
      ['run', [0, 3]],
      ['tags', [0]],
    ])
  })

  test('shows channels that the configuration takes', async () => {
    const section = examples.find((example) => example.startsWith('# in focal.yaml')) ?? ''
    const file = path.join(temporaryFolder(), 'focal.yaml')
    writeFileSync(file, `lake: ./lake\nsources: [{ name: a, connector: aws, location: ./a }]\n${section}`)
    const secrets = {
      SLACK_WEBHOOK: 'https://hooks.example.com/slack',
      TEAMS_WEBHOOK: 'https://hooks.example.com/teams',
      PAGERDUTY_KEY: '0'.repeat(32),
      HOOK_SECRET: `whsec_${'a'.repeat(32)}`,
      SMTP_PASSWORD: 'hush',
    }
    const { notify } = await loadConfig(file, secrets)
    expect(new Set(notify?.channels.map(({ type }) => type))).toEqual(
      new Set(['slack', 'teams', 'pagerduty', 'webhook', 'email']),
    )
  })

  test('lists every kind of notice, every exit code and every metric', () => {
    const metrics = [...readFileSync(path.join(root, 'src/telemetry/prometheus.ts'), 'utf8').matchAll(/'(focal_\w+)'/g)]
    const listed = firstCells.map((cell) => cell.replace(/\{.*/, ''))
    expect(listed.filter((cell) => cell.startsWith('focal_')).toSorted()).toEqual(
      metrics.map(([, name = '']) => name).toSorted(),
    )
    expect(listed.filter((cell) => !cell.startsWith('focal_')).toSorted()).toEqual([...noticeKinds].toSorted())
    const codes = [...operations.matchAll(/^\| (\d) /gm)].map(([, code]) => Number(code))
    expect(codes).toEqual(Object.values(exitCode))
  })

  test('alerts on metrics that there are', () => {
    const used = [...(examples.at(-1) ?? '').matchAll(/focal_\w+/g)].map(([name]) => name)
    expect(used.length).toBeGreaterThan(3)
    expect(used.filter((name) => !firstCells.some((cell) => cell.startsWith(name)))).toEqual([])
  })
})

test.each(['operations.md', 'security.md'])('%s names files that are there', (name) => {
  const text = page(name)
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => path.join('docs', link))
  const named = [...text.matchAll(/`((?:test|src|\.ci)\/[^`]+)`/g)].map(([, file = '']) => file)
  expect([...links, ...named].filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})
