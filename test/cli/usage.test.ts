import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { bin, focal } from './focal.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const commands = [
  'demo',
  'init',
  'run',
  'status',
  'diff',
  'validate',
  'query',
  'allocate',
  'tags',
  'explain',
  'close',
  'serve',
]

describe('help', () => {
  test('names every command, the first three to try, and the exit codes', async () => {
    const { code, out, err } = await focal(temporaryFolder(), ['--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const listed = [...out.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name)
    expect(listed).toEqual(expect.arrayContaining(commands))
    expect(out.slice(out.indexOf('Try it:'))).toBe(
      `Try it:
  $ focal demo          everything, on small bills that it writes itself
  $ focal init          a commented focal.yaml to start from
  $ focal run           what a nightly job runs

Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 some units failed, 4 a check failed.
`,
    )
  })

  test.each(commands)('of %s shows examples of it', async (command) => {
    const { code, out, err } = await focal(temporaryFolder(), [command, '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const examples = out.slice(out.indexOf('\nExamples:\n')).trim().split('\n').slice(1)
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) expect(example).toMatch(new RegExp(`^ {2}\\$ focal ${command}\\b`))
  })

  test('--version is the one of the package', async () => {
    expect(await focal(temporaryFolder(), ['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })
})

describe('a command line that makes no sense ends with 2 and says why', () => {
  test.each([
    [['frobnicate'], "error: unknown command 'frobnicate'\n(focal --help shows the commands)\n"],
    [['run', '--nope'], "error: unknown option '--nope'\n(focal --help shows the commands)\n"],
    [
      ['query'],
      'error: there is nothing to ask\n  hint: Give either one SELECT or --use-case; --use-cases lists those.\n',
    ],
    [
      ['query', '--format', 'xml', 'SELECT 1'],
      "error: option '--format <format>' argument 'xml' is invalid. Allowed choices are table, csv, json.\n(focal --help shows the commands)\n",
    ],
    [
      ['demo', '--rows', 'many'],
      "error: option '--rows <count>' argument 'many' is invalid. Expected a whole number above 0.\n(focal --help shows the commands)\n",
    ],
    [
      ['diff', '--source', 'a', '--period', 'May'],
      'error: "May" is not a billing period\n  hint: Write a month as 2026-10.\n',
    ],
    [
      ['validate', '.', '--focus-version', '2'],
      'error: FOCUS 2 is not a version that focal knows\n  hint: Use one of 1.0, 1.1, 1.2, 1.3, 1.4.\n',
    ],
  ])('%j', async (args, err) => {
    expect(await focal(temporaryFolder(), args)).toEqual({ code: 2, out: '', err })
  })

  test.each(['run', 'status'])('%s without a configuration', async (command) => {
    const folder = temporaryFolder()
    expect(await focal(folder, [command])).toEqual({
      code: 2,
      out: '',
      err: `error: there is no configuration ${folder}/focal.yaml\n  hint: Run \`focal init\` to write one, or name another with --config.\n`,
    })
  })

  test('run with a mistake in the configuration; --verbose adds where it was found', async () => {
    const folder = temporaryFolder()
    writeFileSync(path.join(folder, 'focal.yaml'), 'lake: ./lake\nsource: []\n')
    const told = `error: there is no key "source"\n  where: file ${folder}/focal.yaml, line 2\n  hint: Is it misspelt? \`focal init\` writes every key with a comment.\n`
    expect(await focal(folder, ['run'])).toEqual({ code: 2, out: '', err: told })
    const { code, out, err } = await focal(folder, ['run', '--verbose'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.slice(0, told.length)).toBe(told)
    expect(err.slice(told.length)).toMatch(/^UserError: there is no key "source"\n {4}at .+\n/)
  })
})

test('init writes a configuration that is valid, once', async () => {
  const folder = temporaryFolder()
  expect(await focal(folder, ['init'])).toEqual({
    code: 0,
    out: 'Wrote focal.yaml. Name your export in it, then: focal run --dry-run\n',
    err: '',
  })
  const config = await loadConfig(path.join(folder, 'focal.yaml'), {})
  expect(config).toMatchObject({
    lake: path.join(folder, 'lake'),
    focusVersion: '1.2',
    periods: 3,
    historyVersions: 10,
  })
  expect(await focal(folder, ['init'])).toEqual({
    code: 2,
    out: '',
    err: 'error: focal.yaml is there already\n  hint: Edit it, or name another with --config.\n',
  })
})

test('every key that init leaves out of a comment is one that the configuration knows', async () => {
  const folder = temporaryFolder()
  await focal(folder, ['init'])
  const file = path.join(folder, 'focal.yaml')
  // Settings that are commented out look like `# key: value`, at any indentation.
  const text = readFileSync(file, 'utf8').replaceAll(/^(\s*)# ((?:[a-z][A-Za-z]*): .*)$/gm, '$1$2')
  writeFileSync(file, text)
  const config = await loadConfig(file, {})
  expect(config.sources[0]?.options).toMatchObject({ tagKeys: ['CostCenter', 'cost-center'] })
  expect(config.engine.threads).toBe(2)
})

test('a reader that stops reading is no failure', async () => {
  const { stdout, stderr } = await promisify(execFile)('bash', [
    '-c',
    '"$0" "$1" --help | true; echo "${PIPESTATUS[0]}"',
    process.execPath,
    bin,
  ])
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' })
})
