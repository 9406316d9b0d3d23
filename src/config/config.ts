import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { connectors } from '../connectors/index.ts'
import { UserError } from '../core/errors.ts'
import { focusVersions, type FocusVersion } from '../core/focus.ts'
import { parseYaml } from '../core/yaml.ts'
import { transforms } from '../transforms/index.ts'

/** `focal.yaml`, complete and typed. */
export interface Config {
  /** The folder that relative paths in the file start from. */
  readonly baseDirectory: string
  /** Absolute path of the lake. */
  readonly lake: string
  /** Absolute path of the folder for downloads and scratch files. */
  readonly workDirectory: string
  readonly focusVersion: FocusVersion
  readonly sources: readonly SourceConfig[]
  /** How many of the newest billing periods a run looks at. */
  readonly periods: number
  /** How many superseded versions of a partition are kept. */
  readonly historyVersions: number
  /** Absolute path of the allocation rules; nothing is allocated without. */
  readonly allocation?: string | undefined
  readonly engine: { readonly memoryLimit: string; readonly threads: number }
}

export interface SourceConfig {
  readonly name: string
  readonly connector: string
  /** Everything else of the source; its connector and its transform each know their part. */
  readonly options: Readonly<Record<string, unknown>>
}

const sourceSchemas = Object.entries(connectors).map(([connector, { options }]) =>
  z.strictObject({
    name: z
      .string()
      .regex(
        /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
        'expected letters, digits, dot, dash or underscore: it becomes a folder name',
      ),
    connector: z.literal(connector),
    ...options.shape,
    ...transforms[connector]?.options.shape,
  }),
)

const positive = z.int().min(1, 'expected a whole number above 0')

const configSchema = z.strictObject({
  lake: z.string().min(1),
  workDir: z.string().min(1).default('.focal'),
  // Without quotes YAML reads 1.2 as a number, and 1.0 as 1.
  focusVersion: z.preprocess(
    (value) => (Number.isInteger(value) ? `${String(value)}.0` : typeof value === 'number' ? String(value) : value),
    z.enum(focusVersions, `expected one of ${focusVersions.join(', ')}`).default('1.2'),
  ),
  sources: z
    .array(
      z.discriminatedUnion('connector', sourceSchemas as [(typeof sourceSchemas)[number]], {
        error: `expected one of ${Object.keys(connectors).join(', ')}`,
      }),
    )
    .min(1, 'expected at least one source')
    .superRefine((sources, context) => {
      sources.forEach(({ name }, index) => {
        if (sources.findIndex((other) => other.name === name) < index) {
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: `another source is already called "${name}"`,
          })
        }
      })
    }),
  allocation: z.string().min(1).optional(),
  periods: positive.default(3),
  historyVersions: positive.default(10),
  engine: z
    .strictObject({
      memoryLimit: z
        .string()
        .regex(/^\d+(\.\d+)? ?[KMGT]i?B$/i, 'expected a size such as 4GB')
        .default('4GB'),
      threads: positive.default(availableParallelism()),
    })
    .prefault({}),
})

/**
 * Reads and checks a configuration. `${NAME}` takes a value from the environment.
 * UserError names the file, the line, the key and what was expected.
 */
export async function loadConfig(file: string, env: Readonly<Record<string, string | undefined>>): Promise<Config> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new UserError(`there is no configuration ${file}`, {
      hint: 'Run `focal init` to write one, or name another with --config.',
      cause,
    })
  }
  const { lake, workDir, sources, allocation, ...rest } = parseYaml(text, file, env, configSchema)
  const baseDirectory = path.dirname(path.resolve(file))
  if (/^[a-z0-9+.-]+:\/\//i.test(lake)) {
    throw new UserError(`the lake cannot be written to ${lake}`, { where: { file }, hint: 'Name a local folder.' })
  }
  return {
    ...rest,
    baseDirectory,
    lake: path.resolve(baseDirectory, lake),
    workDirectory: path.resolve(baseDirectory, workDir),
    allocation: allocation === undefined ? undefined : path.resolve(baseDirectory, allocation),
    sources: sources.map(({ name, connector, ...options }) => ({ name, connector, options })),
  }
}
