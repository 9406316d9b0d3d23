import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quoteText, type Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
import { originalTagKeys } from './columns.ts'
import { explainFailure } from './failure.ts'
import type { AwsOptions } from './options.ts'
import { checkShape, createRaw, csvShape, parquetShape, type RawShape } from './raw.ts'

const referenceTables = {
  services: 'services.csv',
  service_parts: 'service-parts.csv',
  regions: 'regions.csv',
  region_prefixes: 'region-prefixes.csv',
  pricing_units: 'pricing-units.csv',
  usage_type_units: 'usage-type-units.csv',
  resource_types: 'resource-types.csv',
}

/** Legacy Cost and Usage Reports and CUR 2.0, as csv (plain, gzip, zip) or Parquet. */
export async function prepareCur(session: Session, input: TransformInput<AwsOptions>): Promise<ExplainFailure> {
  const { options } = input
  const originalKeys = originalTagKeys(options.tagKeys ?? [])
  await session.run(readBeside(import.meta.url, 'macros.sql'))
  await session.set('period_start', `${input.period}-01`)
  await session.set('billing_account_type', options.billingAccountType ?? 'Management Account')
  await session.set('sub_account_type', options.subAccountType ?? 'Member Account')
  await session.set('original_tag_names', cur2TagNames(originalKeys))
  const explain = await stageFiles(session, input, originalKeys)
  await loadTables(session)
  for (const file of ['lookups.sql', 'focus.sql', 'controls.sql']) await session.run(readBeside(import.meta.url, file))
  return explain
}

/** CUR 2.0 spells a tag's key with underscores: `user_cost_center` may mean `cost-center`. */
function cur2TagNames(originalKeys: Map<string, string>): Map<string, string> {
  const spelled = (key: string) => key.replaceAll(/[^A-Za-z0-9]+/g, '_')
  return new Map(
    [...originalKeys.values()].flatMap((key) =>
      key.startsWith('aws:')
        ? [[spelled(key), key] as const]
        : [
            [`user_${spelled(key)}`, key] as const,
            [`user_${spelled(key).replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()}`, key] as const,
          ],
    ),
  )
}

/**
 * Leaves `staged` in the session. Parquet is read where it lies, column by column, as often as it takes;
 * text is parsed once, file by file, into a typed Parquet file of ours in the scratch folder.
 */
async function stageFiles(session: Session, input: TransformInput<AwsOptions>, originalKeys: Map<string, string>): Promise<ExplainFailure> {
  const parquet = input.files.filter(({ name }) => isParquet(name))
  if (parquet.length === input.files.length) {
    const shape = await withReasons(session, undefined, parquet, () => parquetShape(session, parquet, originalKeys))
    await useShape(session, shape, input)
    await session.set('net', hasNet(shape))
    await session.run('CREATE VIEW staged AS SELECT * FROM stage')
    return (error) => explainFailure(error, session, shape, parquet)
  }
  const staged: string[] = []
  const nets = new Map<boolean, SourceFile>()
  for (const [index, file] of input.files.entries()) {
    const target = join(input.scratchDirectory, `staged-${index}.parquet`)
    const readable = isParquet(file.name) ? file : await unpackText(file, join(input.scratchDirectory, 'unpacked.csv'))
    const shape = await withReasons(session, undefined, [file], () =>
      isParquet(file.name) ? parquetShape(session, [file], originalKeys) : csvShape(readable, originalKeys),
    )
    await useShape(session, shape, input)
    nets.set(hasNet(shape), file)
    await session.set('net', hasNet(shape))
    await withReasons(session, shape, [file], () =>
      session.run(`COPY (SELECT * FROM stage) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy)`),
    )
    if (readable.path !== file.path) await rm(readable.path)
    staged.push(target)
  }
  refuseMixedNet(nets)
  await session.set('staged_files', staged)
  await session.run("CREATE VIEW staged AS SELECT * FROM read_parquet(getvariable('staged_files'))")
  return (error) => explainFailure(error, session, undefined, input.files)
}

function isParquet(name: string): boolean {
  return /\.parquet$/i.test(name)
}

function hasNet(shape: RawShape): boolean {
  return shape.columns.some(({ known }) => known?.name === 'line_item_net_unblended_cost')
}

/** Net and gross amounts must not be added up: one bill is one or the other. */
function refuseMixedNet(nets: Map<boolean, SourceFile>): void {
  const [net, gross] = [nets.get(true), nets.get(false)]
  if (net === undefined || gross === undefined) return
  throw new DataError('some files of the bill have net costs and others have not', {
    where: { file: gross.name, column: 'line_item_net_unblended_cost' },
    hint: `${net.name} has the column. Keep the files of one report version together.`,
  })
}

async function useShape(session: Session, shape: RawShape, { columns }: TransformInput<AwsOptions>): Promise<void> {
  checkShape(shape, columns)
  await session.run('DROP VIEW IF EXISTS stage')
  await createRaw(session, shape)
  await session.run(readBeside(import.meta.url, 'stage.sql'))
}

/** Runs `work`; when DuckDB fails in it, throws what a person can act on. */
async function withReasons<T>(session: Session, shape: RawShape | undefined, files: readonly SourceFile[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw await explainFailure(error, session, shape, files)
  }
}

async function loadTables(session: Session) {
  for (const [table, file] of Object.entries(referenceTables)) {
    const path = quoteText(pathBeside(import.meta.url, `reference/${file}`))
    await session.run(`CREATE TABLE ${table} AS FROM read_csv(${path}, header = true, all_varchar = true, delim = ',', quote = '"')`)
  }
  const plan = quoteText(pathBeside(import.meta.url, 'row-plan.csv'))
  await session.run(`CREATE TABLE row_plan AS FROM read_csv(${plan}, header = true, all_varchar = true, delim = ',')`)
}
