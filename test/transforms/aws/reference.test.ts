import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quoteIdentifier, quoteText } from '../../../src/core/duckdb.ts'
import { openReference, project, reference, tables, type ReferenceTables } from './reference-tables.ts'

let session: ReferenceTables['session']
let values: ReferenceTables['values']
let close: ReferenceTables['close']

beforeAll(async () => {
  ;({ session, values, close } = await openReference())
})

afterAll(() => close())

test('every table in the folder is tested', () => {
  const files = readdirSync(reference).filter((name) => name.endsWith('.csv'))
  expect(files.toSorted()).toEqual(
    Object.keys(tables)
      .map((name) => `${name}.csv`)
      .toSorted(),
  )
})

describe.each(Object.entries(tables))('%s', (name, key) => {
  const table = quoteIdentifier(name.replaceAll('-', '_'))

  test('has each key once, in order', async () => {
    // A space sorts before every character of a key, so the joined text sorts as its parts do.
    const keys = await values(`SELECT concat_ws(' ', ${key.join(', ')}) AS value FROM ${table}`)
    expect(keys.length).toBeGreaterThan(0)
    expect(keys).toEqual([...new Set(keys)].toSorted())
  })

  test('has no blank and no stray space', async () => {
    const blanks = await values(
      `UNPIVOT (SELECT coalesce(COLUMNS(*), '') FROM ${table}) ON COLUMNS(*) INTO NAME name VALUE value`,
    )
    expect(blanks.filter((value) => value !== value.trim() || value === '')).toEqual([])
  })
})

describe('services and their parts', () => {
  test('use allowed subcategories under their own parent', async () => {
    const schema = JSON.parse(readFileSync(join(project, 'schemas/focus/1.2.json'), 'utf8')) as {
      columns: { id: string; parents?: { of: Record<string, string> } }[]
    }
    const parents = schema.columns.find((column) => column.id === 'ServiceSubcategory')?.parents?.of ?? {}
    const rows = await session.rows<{ name: string; category: string; subcategory: string }>(
      `SELECT service_name AS name, service_category AS category, service_subcategory AS subcategory FROM services
       UNION ALL SELECT service_name, service_category, service_subcategory FROM service_parts`,
    )
    expect(rows.length).toBeGreaterThan(250)
    expect(rows.filter((row) => parents[row.subcategory] !== row.category)).toEqual([])
  })

  test('one service name has one category and subcategory', async () => {
    const torn = await values(
      `SELECT service_name AS value
       FROM (SELECT service_name, service_category, service_subcategory FROM services
             UNION SELECT service_name, service_category, service_subcategory FROM service_parts)
       GROUP BY service_name HAVING count(*) > 1`,
    )
    expect(torn).toEqual([])
  })

  test('two patterns never claim the same usage type for different services', async () => {
    const found = await session.rows<{ usage_type: string; service_name: string }>(
      `SELECT usage_type, service_name
       FROM (VALUES ('EBS:VolumeUsage.gp3'), ('EBS:SnapshotUsage'), ('EBSOptimized:c5.large'), ('BoxUsage:m5.large'),
                    ('LoadBalancerUsage'), ('LCUUsage'), ('DataProcessing-Bytes'), ('NatGateway-Hours'),
                    ('NatGateway-Bytes'), ('ElasticIP:IdleAddress'), ('DataTransfer-Out-Bytes')) AS seen(usage_type)
       JOIN service_parts ON usage_type LIKE usage_type_pattern
       ORDER BY usage_type`,
    )
    expect(found).toEqual([
      { usage_type: 'DataProcessing-Bytes', service_name: 'Elastic Load Balancing' },
      { usage_type: 'EBS:SnapshotUsage', service_name: 'Amazon Elastic Block Store' },
      { usage_type: 'EBS:VolumeUsage.gp3', service_name: 'Amazon Elastic Block Store' },
      { usage_type: 'ElasticIP:IdleAddress', service_name: 'Amazon Virtual Private Cloud' },
      { usage_type: 'LCUUsage', service_name: 'Elastic Load Balancing' },
      { usage_type: 'LoadBalancerUsage', service_name: 'Elastic Load Balancing' },
      { usage_type: 'NatGateway-Bytes', service_name: 'Amazon Virtual Private Cloud' },
      { usage_type: 'NatGateway-Hours', service_name: 'Amazon Virtual Private Cloud' },
    ])
  })
})

describe('regions', () => {
  test('every id is a region code and every name names a place', async () => {
    const rows = await session.rows<{ region_id: string; region_name: string }>('SELECT * FROM regions')
    expect(rows.filter((row) => !/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(row.region_id))).toEqual([])
    expect(rows.filter((row) => !/^\p{L}[\p{L} ]+ \(\p{L}[\p{L}. -]+\)$/u.test(row.region_name))).toEqual([])
    expect(new Set(rows.map((row) => row.region_name)).size).toBe(rows.length)
  })

  test('every prefix leads to a listed region, every region is a prefix of itself', async () => {
    expect(
      await values(
        'SELECT prefix AS value FROM region_prefixes WHERE region_id NOT IN (SELECT region_id FROM regions)',
      ),
    ).toEqual([])
    expect(
      await values(
        `SELECT region_id AS value FROM regions
         WHERE region_id NOT IN (SELECT prefix FROM region_prefixes WHERE prefix = region_prefixes.region_id)`,
      ),
    ).toEqual([])
  })

  test('the codes that do not follow from the region id are right', async () => {
    const codes = await values(
      `SELECT prefix || ' ' || region_id AS value FROM region_prefixes
       WHERE prefix IN ('EU', 'EUW1', 'APS1', 'APS3', 'APS4', 'APS5', 'APS6', 'CAN2', 'UGW1') ORDER BY prefix`,
    )
    expect(codes).toEqual([
      'APS1 ap-southeast-1',
      'APS3 ap-south-1',
      'APS4 ap-southeast-3',
      'APS5 ap-south-2',
      'APS6 ap-southeast-4',
      'CAN2 ca-west-1',
      'EU eu-west-1',
      'EUW1 eu-west-1',
      'UGW1 us-gov-west-1',
    ])
  })
})

const dataSize = /^[KMGTPE]?i?[bB]$/
const singularTime = /^(Year|Month|Day|Hour|Minute|Second|Millisecond|Microsecond)$/

/** FOCUS Unit Format: optional quantity; base units joined by hyphens, all but the last singular; `size/time` ratios. */
function isFocusUnit(unit: string): boolean {
  const bases = unit.replace(/^[1-9]\d* /, '').split('-')
  return bases.every((base, index) => {
    const [amount = '', per, ...rest] = base.split('/')
    if (per !== undefined) return rest.length === 0 && dataSize.test(amount) && singularTime.test(per)
    if (dataSize.test(base)) return true
    if (!/^v?[A-Z][A-Za-z]*$/.test(base) || dataSize.test(base.replace(/s$/, ''))) return false
    return index === bases.length - 1 ? base.endsWith('s') : base === 'IOPS' || !base.endsWith('s')
  })
}

describe('units', () => {
  test('the format check accepts what FOCUS accepts, and nothing else', () => {
    const right = ['GB', 'Hours', 'GB-Hours', '1000 Tokens', 'vCPU-Hours', 'GiB/Second-Months', 'IOPS-Months']
    const wrong = ['Hrs ', 'GB-Mo', 'gb', 'hours', 'Hour', 'GBs', 'Hours-GBs', 'GB/Hours', '0 Tokens', 'API Calls', '']
    expect(right.filter((unit) => !isFocusUnit(unit))).toEqual([])
    expect(wrong.filter((unit) => isFocusUnit(unit))).toEqual([])
  })

  test('every unit has FOCUS spelling', async () => {
    const units = await values(
      'SELECT focus_unit AS value FROM pricing_units UNION SELECT focus_unit FROM usage_type_units ORDER BY 1',
    )
    expect(units.filter((unit) => !isFocusUnit(unit))).toEqual([])
    expect(units).not.toContain('Hrs')
  })

  test('a source unit is listed once, however it is capitalised', async () => {
    const twice = await values(
      'SELECT lower(source_unit) AS value FROM pricing_units GROUP BY lower(source_unit) HAVING count(*) > 1',
    )
    expect(twice).toEqual([])
  })

  test('a unit that is a FOCUS unit already stays what it is', async () => {
    const changed = await values(
      `SELECT source.source_unit AS value FROM pricing_units AS source
       JOIN pricing_units AS target ON source.source_unit = target.focus_unit
       WHERE source.focus_unit <> source.source_unit`,
    )
    expect(changed).toEqual([])
  })

  test('priorities are whole numbers', async () => {
    const priorities = await values('SELECT DISTINCT priority AS value FROM usage_type_units')
    expect(priorities.filter((priority) => !/^[1-9]\d?$/.test(priority))).toEqual([])
  })

  test.each([
    ['BoxUsage:m5.large', 'Hours'],
    ['SpotUsage:c5.large', 'Hours'],
    ['HeavyUsage:t2.micro', 'Hours'],
    ['UnusedBox:m5.large', 'Hours'],
    ['ComputeSP:3yrNoUpfront', 'Hours'],
    ['NatGateway-Hours', 'Hours'],
    ['VPN-Usage-Hours:ipsec.1', 'Hours'],
    ['EBS:VolumeUsage.gp2', 'GB-Months'],
    ['EBS:SnapshotUsage', 'GB-Months'],
    ['EBS:VolumeIOUsage', 'IOs'],
    ['EBS:VolumeP-IOPS.gp3', 'IOPS-Months'],
    ['EBS:VolumeP-Throughput.gp3', 'GiB/Second-Months'],
    ['TimedStorage-ByteHrs', 'GB-Months'],
    ['RDS:Multi-AZ-PIOPS', 'IOPS-Months'],
    ['RDS:Multi-AZ-PIOPS-Storage', 'GB-Months'],
    ['RDS:GP2-Storage', 'GB-Months'],
    ['Aurora:StorageUsage', 'GB-Months'],
    ['Aurora:StorageIOUsage', 'IOs'],
    ['Aurora:ServerlessV2Usage', 'ACU-Hours'],
    ['Catalog-Storage', 'Object-Months'],
    ['Catalog-Request', 'Requests'],
    ['KMS-Requests', 'Requests'],
    ['Requests-Tier1', 'Requests'],
    ['Lambda-GB-Second', 'GB-Seconds'],
    ['Fargate-vCPU-Hours:perCPU', 'vCPU-Hours'],
    ['Fargate-GB-Hours', 'GB-Hours'],
    ['ReadCapacityUnit-Hrs', 'ReadCapacityUnit-Hours'],
    ['ReplWriteCapacityUnit-Hrs', 'ReplicatedWriteCapacityUnit-Hours'],
    ['LCUUsage', 'LCU-Hours'],
    ['CW:MetricMonitorUsage', 'Metrics'],
    ['CW:AlarmMonitorUsage', 'Alarms'],
    ['APS1-AWS-Out-Bytes', 'GB'],
    ['DataTransfer-Regional-Bytes', 'GB'],
    ['SomethingNew', undefined],
  ])('infers the unit of %s', async (usageType, unit) => {
    expect(await inferredUnits(usageType)).toEqual(unit === undefined ? [] : [unit])
  })
})

/** All units of the best priority: more than one means that the table contradicts itself. */
async function inferredUnits(usageType: string): Promise<string[]> {
  return values(
    `SELECT DISTINCT focus_unit AS value
     FROM usage_type_units
     WHERE ${quoteText(usageType)} LIKE usage_type_pattern
     QUALIFY priority::INTEGER = min(priority::INTEGER) OVER ()
     ORDER BY focus_unit`,
  )
}

test('resource keys have one of the three forms, resource types are singular names', async () => {
  const rows = await session.rows<{ resource_key: string; resource_type: string }>('SELECT * FROM resource_types')
  const form = /^([a-z0-9-]+:([A-Za-z0-9-]+|\*)|[a-z]+(-[a-z]+)*-|(Amazon|AWS)[A-Za-z0-9]+)$/
  expect(rows.filter((row) => !form.test(row.resource_key))).toEqual([])
  expect(rows.filter((row) => !/^[A-Z][A-Za-z0-9-]*( [A-Za-z0-9-]+)*$/.test(row.resource_type))).toEqual([])
  // Bus, analysis and address are singular.
  expect(rows.filter((row) => /[^iusa]s$/.test(row.resource_type))).toEqual([])
})
