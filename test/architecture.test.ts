import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { focusSchema, focusVersions } from '../src/core/focus.ts'

/** What keeps the parts apart. Each finding is a line `file:line what`, so that a failure says where to look. */

interface SourceFile {
  /** Relative to src, as `pipeline/run.ts`. */
  readonly file: string
  readonly text: string
}

const root = fileURLToPath(new URL('../src/', import.meta.url))
const sources: readonly SourceFile[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name))
  .toSorted()
  .map((file) => ({ file: path.relative(root, file), text: readFileSync(file, 'utf8') }))
const code = sources.filter(({ file }) => file.endsWith('.ts'))

const providers = providerFolders(sources.map(({ file }) => file))

/** The folders of providers: what connectors and transforms have a folder for, but for what many share. */
function providerFolders(files: readonly string[]): string[] {
  const shared = new Set(['stores', 'allocation', 'datasets', 'projection'])
  const names = files.flatMap((file) => /^(?:connectors|transforms)\/([^/]+)\//.exec(file)?.[1] ?? [])
  return [...new Set(names)].filter((name) => !shared.has(name))
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

interface Import {
  readonly from: string
  readonly line: number
  /** Relative to src; undefined for a package. */
  readonly to: string | undefined
  /** Gone when the program runs. */
  readonly typeOnly: boolean
}

/** Static, dynamic and re-exporting imports; type-only ones count, since they tie the parts together too. */
function importsOf({ file, text }: SourceFile): Import[] {
  const pattern = /(?:\b(?:import|export)\s+(type\s+)?[\w*{][^'"()]*?\bfrom\s+|\bimport\s+|\bimport\(\s*)'([^']+)'/g
  return [...text.matchAll(pattern)].map((match) => {
    const [, type, target = ''] = match
    const to = target.startsWith('.') ? path.join(path.dirname(file), target) : undefined
    return { from: file, line: lineAt(text, match.index), to, typeOnly: type !== undefined }
  })
}

const imports = (files: readonly SourceFile[]) => files.flatMap(importsOf).filter(({ to }) => to !== undefined)

/** What each part of src may import, beside itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'cli.ts': ['cli', 'commands', 'jobs', 'core'],
  cli: ['commands', 'jobs'],
  commands: [
    'config',
    'pipeline',
    'connectors',
    'transforms',
    'checks',
    'sinks',
    'reports',
    'demo',
    'jobs',
    'notify',
    'serve',
    'telemetry',
    'core',
  ],
  pipeline: ['config', 'connectors', 'transforms', 'checks', 'sinks', 'reports', 'notify/index.ts', 'core'],
  config: [
    'connectors/index.ts',
    'transforms/index.ts',
    'sinks/address.ts',
    'sinks/options.ts',
    'notify/index.ts',
    'core',
  ],
  connectors: ['core'],
  transforms: ['core'],
  checks: ['core'],
  sinks: ['core'],
  reports: ['core'],
  demo: ['core'],
  // A job runs command lines that it is given; notices and telemetry go out of what they are told.
  jobs: ['core'],
  notify: ['core'],
  telemetry: ['pipeline', 'core'],
  // The API knows what a statement is, and not where it comes from.
  serve: ['reports', 'core'],
  core: [],
}

function partOf(file: string): string {
  return file.split('/')[0] ?? file
}

function upwardImports(files: readonly SourceFile[]): string[] {
  return imports(files).flatMap(({ from, line, to = '' }) => {
    const part = partOf(from)
    const may = allowed[part]
    if (may === undefined) return [`${from}:${line} is in ${part}, of which this test knows nothing`]
    const fits = partOf(to) === part || may.some((entry) => to === entry || to.startsWith(`${entry}/`))
    return fits ? [] : [`${from}:${line} imports ${to}`]
  })
}

/** One provider's folder never looks into another's, and shared code into none but by the registries. */
function crossProviderImports(files: readonly SourceFile[], names: readonly string[]): string[] {
  const providerOf = (file: string) => names.find((name) => file.split('/')[1] === name)
  return imports(files).flatMap(({ from, line, to = '' }) => {
    const target = providerOf(to)
    if (target === undefined || target === providerOf(from) || /^\w+\/index\.ts$/.test(from)) return []
    return [`${from}:${line} imports ${to}`]
  })
}

/** Cycles of imports that are there when the program runs. */
function cycles(files: readonly SourceFile[]): string[] {
  const atRuntime = (source: SourceFile) =>
    importsOf(source).flatMap(({ to, typeOnly }) => (typeOnly ? [] : (to ?? [])))
  const edges = new Map(files.map((source) => [source.file, atRuntime(source)]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) found.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
    if (done.has(file) || trail.includes(file)) return
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of edges.keys()) visit(file, [])
  return found
}

/** As a word or as part of a name in camel case: `aws`, `awsOnly`, `isAzure`, `AWS_REGION`, but not `laws`. */
const providerNames =
  /(?<![A-Za-z])(?:aws|amazon(?:aws)?|gcp|google|azure|microsoft)(?![a-z])|(?:Aws|Amazon|Gcp|Google|Azure|Microsoft)(?![a-z])|(?<![A-Z])(?:AWS|GCP|CUR)(?![A-Z])/g

/** Shared files that may name a provider, and why. */
const mayNameProviders: readonly [RegExp, string][] = [
  [/^(connectors|transforms|demo)\/index\.ts$/, 'the registries: one line for each provider'],
  [
    /^(connectors\/stores|core\/stores|sinks)\/(s3|azure-blob|gcs)[^/]*\.ts$/,
    'clients of a storage protocol, whoever bills with it',
  ],
  [/^(connectors\/stores|sinks)\/(open|options)\.ts$/, 'which protocol an address is of, and what it takes'],
  [/^checks\/known-gaps\.json$/, 'data: what a provider is known to leave out'],
  [/^commands\/focal\.example\.yaml$/, 'an example is of something'],
  [/^cli\//, 'examples in the help'],
  [/^core\/redact\.ts$/, 'how credentials look, whoever issued them'],
  [/^notify\/teams\.ts$/, 'the service that is told gives its card a type in its own name'],
  [/^demo\/allocation\/data\//, 'the rules of a company with several clouds'],
]

function namedProviders(files: readonly SourceFile[], names: readonly string[]): string[] {
  const inProviderFolder = (file: string) => names.includes(file.split('/')[1] ?? '')
  return files
    .filter(({ file }) => !inProviderFolder(file) && !mayNameProviders.some(([pattern]) => pattern.test(file)))
    .flatMap(({ file, text }) =>
      [...withoutComments(file, text).matchAll(providerNames)].map(
        ({ 0: name, index }) => `${file}:${lineAt(text, index)} names ${name}`,
      ),
    )
}

/** Comments blanked out, at the same length: an example in one binds nobody. */
function withoutComments(file: string, text: string): string {
  const comment = file.endsWith('.ts') ? /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g : /(?!)/g
  return text.replaceAll(comment, (found) => found.replaceAll(/[^\n]/g, ' '))
}

const focusColumns = new Set(focusVersions.flatMap((version) => focusSchema(version).columns.map(({ id }) => id)))

/** Array and object literals, innermost first, that name more FOCUS columns than a rule or two needs. */
function columnLists(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ file, text }) => {
    const plain = withoutComments(file, text)
    return [...plain.matchAll(/\[[^[\]]*\]|\{[^{}]*\}/g)].flatMap(({ 0: literal, index }) => {
      const named = [...literal.matchAll(/(?:'(\w+)'|"(\w+)"|\b(\w+)\s*:)/g)].flatMap(
        ([, a, b, c]) => a ?? b ?? c ?? [],
      )
      const columns = new Set(named.filter((name) => focusColumns.has(name)))
      return columns.size > 8 ? [`${file}:${lineAt(text, index)} lists ${columns.size} FOCUS columns`] : []
    })
  })
}

test('imports run one way', () => {
  expect(code.length).toBeGreaterThan(50)
  expect(upwardImports(code)).toEqual([])
})

test('there are no cycles', () => {
  expect(cycles(code)).toEqual([])
})

test('providers do not know of one another, and shared code knows of none', () => {
  expect(providers).toContain('aws')
  expect(crossProviderImports(code, providers)).toEqual([])
  expect(namedProviders(sources, providers)).toEqual([])
})

test('FOCUS columns are listed in schemas/focus and nowhere else', () => {
  expect(columnLists(code)).toEqual([])
})

const made = (file: string, text: string): SourceFile => ({ file, text })

describe('these tests find what they look for', () => {
  test('imports that run the wrong way, static or not', () => {
    const files = [
      made('core/a.ts', "import { x } from '../config/config.ts'\n"),
      made('checks/a.ts', "\nimport type { Delivery } from '../connectors/connector.ts'\n"),
      made('sinks/a.ts', "const x = await import('../transforms/index.ts')\n"),
      made('config/a.ts', "import { y } from '../connectors/stores/open.ts'\nimport z from 'zod'\n"),
      made('extra/a.ts', "export { y } from '../core/errors.ts'\n"),
      made('pipeline/a.ts', "import { y } from '../commands/run.ts'\nimport { z } from '../core/errors.ts'\n"),
    ]
    expect(upwardImports(files)).toEqual([
      'core/a.ts:1 imports config/config.ts',
      'checks/a.ts:2 imports connectors/connector.ts',
      'sinks/a.ts:1 imports transforms/index.ts',
      'config/a.ts:1 imports connectors/stores/open.ts',
      'extra/a.ts:1 is in extra, of which this test knows nothing',
      'pipeline/a.ts:1 imports commands/run.ts',
    ])
  })

  test('cycles', () => {
    const files = [
      made('core/a.ts', "import './b.ts'\n"),
      made('core/b.ts', "import { c } from './c.ts'\n"),
      made('core/c.ts', "import { a } from './a.ts'\n"),
      made('core/d.ts', "import type { E } from './e.ts'\n"),
      made('core/e.ts', "import { d } from './d.ts'\n"),
    ]
    expect(cycles(files)).toEqual(['core/a.ts → core/b.ts → core/c.ts → core/a.ts'])
  })

  test('a look into a provider', () => {
    const files = [
      made('connectors/aws/a.ts', "import { x } from './b.ts'\nimport { y } from '../gcp/b.ts'\n"),
      made('connectors/shared.ts', "import { x } from './aws/b.ts'\n"),
      made('connectors/index.ts', "import { x } from './aws/options.ts'\n"),
    ]
    expect(crossProviderImports(files, ['aws', 'gcp'])).toEqual([
      'connectors/aws/a.ts:2 imports connectors/gcp/b.ts',
      'connectors/shared.ts:1 imports connectors/aws/b.ts',
    ])
  })

  test('a provider named in shared code, but not in a comment', () => {
    const files = [
      made('pipeline/a.ts', "// an AWS bill\nconst a = 1\nif (source.connector === 'aws') fail()\n"),
      made('core/a.ts', 'const awsOnly = 1\nconst laws = Awsome + isAzure\n'),
      made('transforms/macros.sql', 'SELECT 1 AS gcp_cost\n'),
      made('transforms/aws/a.ts', "const a = 'aws'\n"),
    ]
    expect(namedProviders(files, ['aws'])).toEqual([
      'pipeline/a.ts:3 names aws',
      'core/a.ts:1 names aws',
      'core/a.ts:2 names Azure',
      'transforms/macros.sql:1 names gcp',
    ])
  })

  test('a list of columns, as an array or as the keys of an object', () => {
    const names = [...focusColumns].slice(0, 9)
    const array = `const few = ['${names.slice(0, 8).join("', '")}']\nconst many = ['${names.join("', '")}']\n`
    const object = `const many = {\n${names.map((name) => `  ${name}: 1,\n`).join('')}}\n`
    expect(columnLists([made('core/a.ts', array), made('core/b.ts', object)])).toEqual([
      'core/a.ts:2 lists 9 FOCUS columns',
      'core/b.ts:1 lists 9 FOCUS columns',
    ])
  })
})
