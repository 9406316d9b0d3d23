import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { connectors } from '../../src/connectors/index.ts'
import { describeError, UserError } from '../../src/core/errors.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** Five lines; what a test adds begins at line 6. */
const minimal = `lake: ./lake
sources:
  - name: main
    connector: aws
    location: ./bills
`
const known = Object.keys(connectors).join(', ')

async function load(text: string, env: Record<string, string> = {}) {
  const file = path.join(temporaryFolder(), 'focal.yaml')
  writeFileSync(file, text)
  return loadConfig(file, env)
}

/** The error as people read it, without the folder of the test, and without the hint. */
async function mistakeIn(text: string, env: Record<string, string> = {}): Promise<string> {
  const error: unknown = await load(text, env).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(UserError)
  return describeError(error)
    .replace(/\/\S+\/focal\.yaml/, 'focal.yaml')
    .replace(/\n {2}hint: .+$/, '')
}

test('a minimal configuration is completed, with absolute paths', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'focal.yaml')
  writeFileSync(file, minimal)
  expect(await loadConfig(file, {})).toEqual({
    baseDirectory: folder,
    lake: path.join(folder, 'lake'),
    lakeOptions: {},
    workDirectory: path.join(folder, '.focal'),
    focusVersion: '1.2',
    sources: [{ name: 'main', connector: 'aws', options: { location: './bills' } }],
    periods: 3,
    historyVersions: 10,
    engine: { memoryLimit: '4GB', threads: availableParallelism() },
  })
})

test('what is written wins over every default', async () => {
  const config = await load(
    `${minimal}    tagKeys: [CostCenter]\nworkDir: /var/tmp/focal\nfocusVersion: "1.4"\nperiods: 12\nhistoryVersions: 1\nengine: { memoryLimit: 512 MiB, threads: 1 }\n`,
  )
  expect(config).toMatchObject({
    workDirectory: '/var/tmp/focal',
    focusVersion: '1.4',
    sources: [{ options: { location: './bills', tagKeys: ['CostCenter'] } }],
    periods: 12,
    historyVersions: 1,
    engine: { memoryLimit: '512 MiB', threads: 1 },
  })
})

describe('focusVersion', () => {
  test.each([
    ['"1.0"', '1.0'],
    ['1.0', '1.0'],
    ['1.2', '1.2'],
    ["'1.3'", '1.3'],
    ['1.4', '1.4'],
  ])('%s is version %s, with quotes or without', async (written, version) => {
    expect((await load(`${minimal}focusVersion: ${written}\n`)).focusVersion).toBe(version)
  })

  test.each(['"1.5"', '1.25', '2', 'latest', '[1.2]', 'true'])('%s is none', async (written) => {
    expect(await mistakeIn(`${minimal}focusVersion: ${written}\n`)).toBe(
      'focusVersion: expected one of 1.0, 1.1, 1.2, 1.3, 1.4\n  where: file focal.yaml, line 6',
    )
  })
})

describe('the environment', () => {
  test('fills in values, as often as they are named', async () => {
    const text = minimal.replace('./bills', '${ROOT}/${TEAM}-${TEAM}')
    const { sources } = await load(text, { ROOT: 's3://acme', TEAM: 'a' })
    expect(sources[0]?.options['location']).toBe('s3://acme/a-a')
  })

  test('that lacks one is told by name and line', async () => {
    expect(await mistakeIn(minimal.replace('./bills', '${BILLS}/cur'))).toBe(
      'the environment has no BILLS\n  where: file focal.yaml, line 5',
    )
  })
})

describe('a mistake is told with its line', () => {
  test.each([
    ['misspelt at the top', `${minimal}perids: 3\n`, 'there is no key "perids"', 6],
    ['misspelt in a source', `${minimal}    tagkeys: [a]\n`, 'there is no key "tagkeys" in sources.0', 6],
    ['misspelt and required', minimal.replace('location', 'locaton'), 'there is no key "locaton" in sources.0', 5],
    [
      'misspelt in engine',
      `${minimal}engine:\n  memoryLimit: 1GB\n  thread: 2\n`,
      'there is no key "thread" in engine',
      8,
    ],
    ['of another connector', `${minimal}    table: a.b.c\n`, 'there is no key "table" in sources.0', 6],
    ['no location', minimal.replace('    location: ./bills\n', ''), 'sources.0 lacks the key "location"', 3],
    ['no name', minimal.replace('name: main\n    connector', 'connector'), 'sources.0 lacks the key "name"', 3],
    ['no lake', minimal.replace('lake: ./lake\n', ''), 'the configuration lacks the key "lake"', 1],
    ['no sources', 'lake: ./lake\n', 'the configuration lacks the key "sources"', 1],
    ['an empty list of sources', 'lake: ./lake\nsources: []\n', 'sources: expected at least one source', 2],
    ['sources that are no list', 'lake: ./lake\nsources: aws\n', 'sources: expected array, received string', 2],
    ['an unknown connector', minimal.replace('aws', 'oracle'), `sources.0.connector: expected one of ${known}`, 4],
    ['no connector', minimal.replace('    connector: aws\n', ''), `sources.0.connector: expected one of ${known}`, 3],
    [
      'two sources of one name',
      `${minimal}  - name: main\n    connector: aws\n    location: ./other\n`,
      'sources.1.name: another source is already called "main"',
      6,
    ],
    [
      'a name that is no folder name',
      minimal.replace('main', 'a/b'),
      'sources.0.name: expected letters, digits, dot, dash or underscore: it becomes a folder name',
      3,
    ],
    [
      'a location that is a number',
      minimal.replace('./bills', '5'),
      'sources.0.location: expected string, received number',
      5,
    ],
    ['no periods', `${minimal}periods: 0\n`, 'periods: expected a whole number above 0', 6],
    ['half a thread', `${minimal}engine: { threads: 0 }\n`, 'engine.threads: expected a whole number above 0', 6],
    [
      'a size without a unit',
      `${minimal}engine: { memoryLimit: lots }\n`,
      'engine.memoryLimit: expected a size such as 4GB',
      6,
    ],
    ['a list', '- lake: ./lake\n', 'the configuration: expected object, received array', 1],
    ['a tab', 'lake: ./lake\n\tsources: []\n', 'this is not YAML: Tabs are not allowed as indentation', 2],
    ['a key that is there twice', `${minimal}lake: ./other\n`, 'this is not YAML: Map keys must be unique', 6],
  ])('%s', async (_name, text, message, line) => {
    expect(await mistakeIn(text)).toBe(`${message}\n  where: file focal.yaml, line ${line}`)
  })

  test('as far as there is one', async () => {
    expect(await mistakeIn('')).toBe('the configuration lacks the key "lake"\n  where: file focal.yaml')
    expect(await mistakeIn(`${minimal}periods: *newest\n`)).toBe(
      'this is not YAML: Unresolved alias (the anchor must be set before the alias): newest\n  where: file focal.yaml',
    )
  })
})

describe('a lake in a bucket', () => {
  const inBucket = (address: string, ...options: string[]) =>
    minimal.replace('./lake', address) + options.map((line) => `${line}\n`).join('')

  test('is its address, with what it takes beside it', async () => {
    const config = await load(inBucket('s3://acme/lakes/prod/', 'lakeOptions: { sse: kms, storageClass: STANDARD_IA }'))
    expect(config.lake).toBe('s3://acme/lakes/prod')
    expect(config.lakeOptions).toEqual({ sse: 'kms', storageClass: 'STANDARD_IA' })
    expect((await load(inBucket('az://acct/container'))).lake).toBe('az://acct/container')
    expect((await load(inBucket('GS://acme'))).lake).toBe('gs://acme')
  })

  test.each([
    [
      'ftp://acme/lake',
      'lake: the lake cannot be written to ftp://. Write a local folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix.',
    ],
    ['s3:///lake', "lake: the lake's address names no bucket. Write s3://bucket/prefix."],
    ['az://acct', "lake: the lake's address names no container. Write az://account/container/prefix."],
    [
      'az://acct/lake?sig=abc',
      "lake: the lake's address has more in it than a bucket and a prefix. Leave out signatures, user names and dots: credentials come from the cloud’s own default chain.",
    ],
    [
      's3://acme/../other',
      "lake: the lake's address has more in it than a bucket and a prefix. Leave out signatures, user names and dots: credentials come from the cloud’s own default chain.",
    ],
  ])('is refused with its line: %s', async (address, says) => {
    expect(await mistakeIn(inBucket(address))).toBe(`${says}\n  where: file focal.yaml, line 1`)
  })

  test.each([
    ['gs://acme', 'lakeOptions: { sse: kms }', 'there is no key "sse" in lakeOptions'],
    ['./lake', 'lakeOptions: { kmsKey: k }', 'there is no key "kmsKey" in lakeOptions'],
    [
      's3://acme',
      'lakeOptions: { storageClass: GLACIER }',
      'lakeOptions.storageClass: expected a class that can be read at once',
    ],
    ['s3://acme', 'lakeOptions: { sse: aes }', 'lakeOptions.sse: expected AES256, kms or kms-dsse'],
    [
      's3://acme',
      'lakeOptions: { endpoint: minio }',
      'lakeOptions.endpoint: expected an address such as https://s3.example.com',
    ],
    [
      'az://a/c',
      'lakeOptions: { accessTier: Archive }',
      'lakeOptions.accessTier: expected Hot, Cool or Cold: readers need an online tier',
    ],
    ['s3://acme', 'lakeOptions: { partSizeMiB: 1 }', 'lakeOptions.partSizeMiB: expected 5 or more (MiB)'],
  ])('of %s refuses %s', async (address, options, says) => {
    const text = inBucket(address, options)
    const line = text.split('\n').indexOf(options) + 1
    expect(await mistakeIn(text)).toBe(`${says}\n  where: file focal.yaml, line ${line}`)
  })
})

const hintOf = async (text: string) =>
  load(text).then(
    () => undefined,
    (error: UserError) => error.hint,
  )

test('hints say what to do', async () => {
  expect(await hintOf(`${minimal}perids: 3\n`)).toBe('Is it misspelt? `focal init` writes every key with a comment.')
  expect(await hintOf('lake: [\n')).toBe('Mend the line; indentation counts, and values with : or # need quotes.')
  expect(await hintOf(minimal.replace('./bills', '${BILLS}'))).toBe('Set it before running focal: export BILLS=…')
  expect(await hintOf('lake: ./lake\n')).toBe('`focal init` writes an example with every key and what it takes.')
})

test('a configuration that is not there', async () => {
  const error: unknown = await loadConfig('/nowhere/focal.yaml', {}).catch((reason: unknown) => reason)
  expect(describeError(error)).toBe(
    'there is no configuration /nowhere/focal.yaml\n  hint: Run `focal init` to write one, or name another with --config.',
  )
})
