import type { Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import { originalTagKeys, readReportHeaders, reportColumns, type FileColumn } from './columns.ts'
import type { Dialect } from './dialect.ts'
import type { AwsOptions } from './options.ts'

/** Legacy Cost and Usage Reports and CUR 2.0. */
export function reportDialect({ tagKeys = [] }: AwsOptions): Dialect {
  const originalKeys = originalTagKeys(tagKeys)
  return {
    name: 'Cost and Usage Report',
    known: reportColumns,
    readHeaders: (headers) => readReportHeaders(headers, originalKeys),
    async describe(session, columns) {
      await session.set('original_tag_names', cur2TagNames(originalKeys))
      await session.set('net', hasNet(columns))
      await describeTags(session, columns)
    },
    stageSql: 'stage.sql',
    layout: { service: 'coalesce(product_name, product_code)', start: 'usage_start' },
    rowsSql: ['lookups.sql', 'focus.sql', 'controls.sql'],
    compareFiles: refuseMixedNet,
  }
}

function hasNet(columns: readonly FileColumn[]): boolean {
  return columns.some(({ known }) => known?.name === 'line_item_net_unblended_cost')
}

/** Net and gross amounts must not be added up: one bill is one or the other. */
const refuseMixedNet: NonNullable<Dialect['compareFiles']> = (files) => {
  const net = files.find(({ columns }) => hasNet(columns))
  const gross = files.find(({ columns }) => !hasNet(columns))
  if (net === undefined || gross === undefined) return
  throw new DataError('some files of the bill have net costs and others have not', {
    where: { file: gross.name, column: 'line_item_net_unblended_cost' },
    hint: `${net.name} has the column. Keep the files of one report version together.`,
  })
}

function spelled(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9]+/g, '_')
}

function snake(key: string): string {
  return spelled(key)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** CUR 2.0 spells a tag's key with underscores: `user_cost_center` may mean `cost-center`. */
function cur2TagNames(originalKeys: Map<string, string>): Map<string, string> {
  return new Map(
    [...originalKeys.values()].flatMap((key): [string, string][] =>
      key.startsWith('aws:')
        ? [
            [spelled(key), key],
            [snake(key), key],
          ]
        : [
            [`user_${spelled(key)}`, key],
            [`user_${snake(key)}`, key],
          ],
    ),
  )
}

/** A key of a JSON object, with its colon. */
function jsonKey(key = ''): string {
  return `${JSON.stringify(key)}:`
}

/** Which columns carry one tag or cost category each, and under which key. The first of each list stands for none. */
async function describeTags(session: Session, columns: readonly FileColumn[]): Promise<void> {
  const tags = columns.filter(({ tag }) => tag !== undefined)
  const categories = columns.filter(({ category }) => category !== undefined)
  const names = tags.filter(({ tag }) => tag?.toLowerCase() === 'name')
  await session.set('tag_columns', ['no_value', ...tags.map(({ name }) => name)])
  await session.set('tag_names', ['', ...tags.map(({ tag }) => jsonKey(tag))])
  await session.set('category_columns', ['no_value', ...categories.map(({ name }) => name)])
  await session.set('category_names', ['', ...categories.map(({ category }) => jsonKey(category))])
  await session.set('name_columns', ['no_value', ...names.map(({ name }) => name)])
}
