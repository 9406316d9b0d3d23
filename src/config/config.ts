import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { connectors } from '../connectors/index.ts'
import { UserError } from '../core/errors.ts'
import { focusVersions, type FocusVersion } from '../core/focus.ts'
import { parseYaml } from '../core/yaml.ts'
import type { Channel } from '../notify/index.ts'
import { parseLakeAddress } from '../sinks/address.ts'
import { lakeOptionsFor } from '../sinks/options.ts'
import { transforms } from '../transforms/index.ts'
import { financeSchema, type Finance } from './finance.ts'
import { notifySchema, refuseWrittenSecrets } from './notify.ts'

/** `focal.yaml`, complete and typed. */
export interface Config {
  /** The folder that relative paths in the file start from. */
  readonly baseDirectory: string
  /** Absolute path of the lake, or its address: `s3://bucket/prefix`. */
  readonly lake: string
  /** What a lake of that address takes (`sinks/options.ts`): encryption, storage class, endpoint. */
  readonly lakeOptions: Readonly<Record<string, unknown>>
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
  /** Month end: currency, budgets, invoices, journal; file names are absolute paths. */
  readonly finance?: Finance | undefined
  readonly engine: { readonly memoryLimit: string; readonly threads: number }
  /** Who is told of what goes wrong; nobody when absent. */
  readonly notify?: NotifyConfig | undefined
  /** Absolute path of a file of metrics for Prometheus' node_exporter. */
  readonly metricsFile?: string | undefined
}

export interface NotifyConfig {
  /** How much the billed cost of a month that is over must change to be told, in percent as decimal text. */
  readonly restatedBy: string
  readonly channels: readonly Channel[]
}

export interface SourceConfig {
  readonly name: string
  readonly connector: string
  /** The last billing period that is expected of it, for a source that has ended: it is not stale afterwards. */
  readonly until?: string | undefined
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
    until: z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'expected a billing period such as 2026-10')
      .optional(),
    ...options.shape,
    ...transforms[connector]?.options.shape,
  }),
)

const positive = z.int().min(1, 'expected a whole number above 0')

const configSchema = z
  .strictObject({
    lake: z.string().min(1).superRefine(refuseAddress),
    lakeOptions: z.record(z.string(), z.unknown()).default({}),
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
    finance: financeSchema.optional(),
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
    notify: notifySchema.optional(),
    metricsFile: z.string().min(1).optional(),
  })
  .superRefine(({ lake, lakeOptions }, context) => {
    for (const issue of lakeOptionsFor(lake).safeParse(lakeOptions).error?.issues ?? []) {
      const place = ['lakeOptions', ...issue.path]
      if (issue.code === 'unrecognized_keys') context.issues.push({ ...issue, input: lakeOptions, path: place })
      else context.addIssue({ code: 'custom', message: issue.message, path: place })
    }
  })

function refuseAddress(lake: string, context: z.core.$RefinementCtx<string>): void {
  try {
    parseLakeAddress(lake)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    // What else depends on the address is not looked at.
    context.addIssue({ code: 'custom', message: `${error.message}. ${error.hint ?? ''}`, continue: false })
  }
}

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
  const { lake, workDir, sources, allocation, finance, metricsFile, ...rest } = parseYaml(text, file, env, configSchema)
  refuseWrittenSecrets(text, file)
  const baseDirectory = path.dirname(path.resolve(file))
  return {
    ...rest,
    baseDirectory,
    lake: parseLakeAddress(lake)?.address ?? path.resolve(baseDirectory, lake),
    workDirectory: path.resolve(baseDirectory, workDir),
    allocation: allocation === undefined ? undefined : path.resolve(baseDirectory, allocation),
    finance: finance && withAbsolutePaths(finance, baseDirectory),
    metricsFile: metricsFile === undefined ? undefined : path.resolve(baseDirectory, metricsFile),
    sources: sources.map(({ name, connector, until, ...options }) => ({ name, connector, until, options })),
  }
}

function withAbsolutePaths(finance: Finance, directory: string): Finance {
  const absolute = (file: string | undefined) => (file === undefined ? undefined : path.resolve(directory, file))
  const { rates, invoices, budgets } = finance
  return {
    ...finance,
    rates: absolute(rates),
    invoices: invoices && { ...invoices, file: path.resolve(directory, invoices.file) },
    budgets: absolute(budgets),
  }
}
