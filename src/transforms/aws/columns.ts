import { readBeside } from '../../core/sql.ts'

/** What a column of a Cost and Usage Report holds, as columns.csv says. */
export type ColumnKind = 'text' | 'account' | 'amount' | 'time' | 'map'

export interface KnownColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** Without it there is no bill: an absent one is refused by name. */
  readonly required: boolean
}

/** Columns of legacy reports and CUR 2.0 that the transform uses. */
export const reportColumns: readonly KnownColumn[] = readBeside(import.meta.url, 'columns.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [name = '', kind, required] = line.split(',')
    return { name, kind: kind as ColumnKind, required: required === 'yes' }
  })

/** Letters and digits alone: what the spellings of one column share (`savingsPlan/SavingsPlanARN`, `savings_plan_savings_plan_a_r_n`). */
function squash(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

const bySquashedName = new Map(reportColumns.map((column) => [squash(column.name), column]))

/** A column of a file. */
export interface FileColumn {
  /** As the file spells it. */
  readonly header: string
  /** As SQL knows it. */
  readonly name: string
  readonly known?: KnownColumn
  /** The key as users know it, when the column is one tag or one cost category, as in legacy reports. */
  readonly tag?: string
  readonly category?: string
}

/** Tag keys that AWS itself sets; Parquet reports spell them in lower case with underscores. */
const awsTagKeys = [
  'aws:autoscaling:groupName',
  'aws:cloudformation:logical-id',
  'aws:cloudformation:stack-id',
  'aws:cloudformation:stack-name',
  'aws:createdBy',
  'aws:ec2:fleet-id',
  'aws:ec2launchtemplate:id',
  'aws:ec2launchtemplate:version',
  'aws:ec2spot:fleet-request-id',
  'aws:ecs:clusterName',
  'aws:ecs:serviceName',
  'aws:eks:cluster-name',
  'aws:elasticmapreduce:instance-group-role',
  'aws:elasticmapreduce:job-flow-id',
]

/** Squashed spelling → the key as users wrote it, for the keys that are known beforehand. */
export function originalTagKeys(configured: readonly string[]): Map<string, string> {
  return new Map([...awsTagKeys, ...configured].map((key) => [squash(key), key]))
}

/** Says what each header of a report is. */
export function readReportHeaders(headers: readonly string[], originalKeys: Map<string, string>): FileColumn[] {
  return headers.map((header, index) => {
    const known = bySquashedName.get(squash(header))
    if (known !== undefined) return { header, name: known.name, known }
    const tag = /^resource_?tags[/_](?:user[:_])?(.+)$/is.exec(header)?.[1]
    if (tag !== undefined) return { header, name: `resource_tag_${index}`, tag: tagKey(header, tag, originalKeys) }
    const category = /^cost_?category[/_](.+)$/is.exec(header)?.[1]
    if (category !== undefined) return { header, name: `cost_category_${index}`, category }
    return { header, name: `unused_${index}` }
  })
}

function tagKey(header: string, key: string, originalKeys: Map<string, string>): string {
  if (header.includes('/')) return key
  // A user's own tag may be called aws_team; only keys without the user prefix are AWS's.
  const written = /^resource_?tags[/_]user_/i.test(header) ? key : key.replace(/^aws_/, 'aws:')
  return originalKeys.get(squash(key)) ?? written
}
