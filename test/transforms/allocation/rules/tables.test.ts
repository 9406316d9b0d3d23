import { describe, expect, test } from 'vitest'
import { loadWhole, loadWritten, mistakeIn } from './written.ts'

/** The CSV files that rules name: a registry of targets, maps, drivers. */

const registryRules = `version: 1
targets: { registry: org/targets.csv }
pools: { rest: { owner: platform } }
assign: []
default: { pool: rest }
`

const withRegistry = (csv: string) => loadWhole(registryRules, { 'org/targets.csv': csv })

test('a registry has the columns it wants, in any order, with a mark and Windows line ends', async () => {
  const csv =
    '\uFEFFname,id,team lead,parent,valid_from,valid_to,mode,cost_centre,gl_account,legal_entity,contact\r\n' +
    '"Platform, core",platform,Ann,,,,central,0100,62100,Acme Ltd,ann@acme.test\r\n' +
    '\r\n' +
    ' Shop , shop ,,platform,2026-01-01,2026-07-01,,,,,\r\n' +
    'Shop 2,shop,,platform,2026-07-01,,chargeback,,,,\r\n'
  const { targets } = await withRegistry(csv)
  expect(targets).toEqual([
    {
      id: 'platform',
      name: 'Platform, core',
      parent: undefined,
      valid: { from: undefined, to: undefined },
      mode: 'central',
      costCentre: '0100',
      glAccount: '62100',
      legalEntity: 'Acme Ltd',
      contact: 'ann@acme.test',
    },
    { ...bare, id: 'shop', name: 'Shop', valid: { from: '2026-01-01', to: '2026-07-01' } },
    { ...bare, id: 'shop', name: 'Shop 2', valid: { from: '2026-07-01', to: undefined }, mode: 'chargeback' },
  ])
})

const bare = {
  parent: 'platform',
  mode: 'showback',
  costCentre: undefined,
  glAccount: undefined,
  legalEntity: undefined,
  contact: undefined,
}

describe('a registry that is wrong', () => {
  const file = '\n  where: file org/targets.csv'
  test.each([
    [
      'no id',
      'name,owner\nPlatform,x\n',
      `the file has no column id${file}\n  hint: It has name, owner; commas separate columns.`,
    ],
    [
      'semicolons',
      'id;name\nplatform;x\n',
      `the file has no column id${file}\n  hint: It has id;name; commas separate columns.`,
    ],
    [
      'a misspelt column',
      'id,cost_center\nplatform,1\n',
      `the column cost_center is unknown${file}, column cost_center\n  hint: Did you mean cost_centre?`,
    ],
    [
      'an empty id',
      'id,name\nplatform,x\n,y\n',
      `the target has no id${file}, row 2, column id, value ""\n  hint: Give it one, or remove the row.`,
    ],
    [
      'a duplicate id',
      'id\nplatform\n"platform"\n',
      `the target platform is there twice: once at any time, once at any time${file}, row 2, column id, value "platform"\n  hint: Give the entries dates that do not overlap, or remove one.`,
    ],
    [
      'overlapping validity',
      'id,valid_from,valid_to\nplatform,,2026-07-01\nplatform,2026-06-30,\n',
      `the target platform is there twice: once until 2026-07-01, once from 2026-06-30${file}, row 2, column id, value "platform"\n  hint: Give the entries dates that do not overlap, or remove one.`,
    ],
    [
      'a date of another country',
      'id,valid_from\nplatform,1.4.2026\n',
      `valid_from is not a day${file}, row 1, column valid_from, value "1.4.2026"\n  hint: Write it as 2026-04-01.`,
    ],
    [
      'a day that no month has',
      'id,valid_to\nplatform,2026-02-30\n',
      `valid_to is not a day${file}, row 1, column valid_to, value "2026-02-30"\n  hint: Write it as 2026-04-01.`,
    ],
    [
      'an end before the beginning',
      'id,valid_from,valid_to\nplatform,2026-04-01,2026-04-01\n',
      `valid_to is not after valid_from${file}, row 1, column valid_to, value "2026-04-01"\n  hint: valid_to is the first day after.`,
    ],
    [
      'an unknown mode',
      'id,mode\nplatform,free\n',
      `there is no mode free${file}, row 1, column mode, value "free"\n  hint: Write one of showback, chargeback, external, central, or nothing.`,
    ],
    [
      'an unknown parent',
      'id,parent\nplatform,it\n',
      `the target platform has the parent it, which is no target${file}, row 1, column parent, value "it"\n  hint: Add it, or leave the parent out.`,
    ],
    [
      'parents in a circle',
      'id,parent\nplatform,it\nit,cto\ncto,platform\n',
      `the target platform is its own ancestor: platform → it → cto → platform${file}, row 1, column parent, value "it"\n  hint: Break the circle.`,
    ],
    [
      'a comma without quotes',
      'id,name\nplatform,Platform, core\n',
      `the row has 3 fields and the header 2${file}, row 1\n  hint: A field with a comma in it needs double quotes around it.`,
    ],
    [
      'a quote that is not closed',
      'id,name\nplatform,"Platform\n',
      `the row has a quote that is not closed${file}, row 1\n  hint: A quote within quotes is written twice.`,
    ],
  ])('%s', async (_what, csv, message) => {
    expect(await mistakeIn(withRegistry(csv))).toBe(message)
  })

  test('that is not there, with the line of the rules', async () => {
    expect(await mistakeIn(loadWhole(registryRules))).toBe(
      'org/targets.csv cannot be read\n  where: file allocation.yaml, line 2\n  hint: Name a file that is there; its path is relative to the file that names it.',
    )
  })
})

describe('a map', () => {
  const rules = `dimensions:
  team:
    from: [{ column: SubAccountId, map: accounts.csv, key: account, value: team }]
`
  test('that names one account for two teams at one time', async () => {
    const csv = 'account,team,valid_from\n1,payments,\n2,search,\n1,search,2026-04-01\n'
    expect(await mistakeIn(loadWritten(rules, { 'accounts.csv': csv }))).toBe(
      '1 is there twice: payments at any time, search from 2026-04-01\n  where: file accounts.csv, row 3, column account, value "1"\n  hint: Give the rows dates that do not overlap, or remove one.',
    )
  })

  test('without the value', async () => {
    expect(await mistakeIn(loadWritten(rules, { 'accounts.csv': 'account,team\n1,\n' }))).toBe(
      '1 has no team\n  where: file accounts.csv, row 1, column team, value ""\n  hint: Fill it in, or remove the row.',
    )
  })

  test('with dates, where no charge is at hand to compare them with', async () => {
    const text = 'drivers: { d: { files: d.csv, columns: { key: k, weight: w }, map: keys.csv } }\n'
    const files = { 'd.csv': 'k,w\n', 'keys.csv': 'from,to,valid_to\nx,payments,2026-04-01\n' }
    expect(await mistakeIn(loadWritten(text, files))).toBe(
      'the map has dates, at x\n  where: file allocation.yaml, line 11\n  hint: Only maps of a dimension may have dates.',
    )
  })
})

describe('a driver', () => {
  test('has its files in order, and those of folders by name', async () => {
    const text = `drivers:
  queries:
    files: [first.csv, days]
    columns: { key: tenant, weight: queries, at: day, validFrom: from }
    map: { shop: payments, shared: a }
    special: { none: idle }
`
    const files = { 'first.csv': '', 'days/2.csv': '', 'days/1.csv.gz': '', 'days/notes.txt': '' }
    const { drivers } = await loadWritten(text, files)
    expect(drivers).toMatchObject([
      {
        id: 'queries',
        line: 12,
        format: 'csv',
        columns: {
          key: 'tenant',
          weight: 'queries',
          at: 'day',
          match: undefined,
          validFrom: 'from',
          validTo: undefined,
        },
        map: new Map<string, unknown>([
          ['shop', { target: 'payments' }],
          ['shared', { pool: 'a' }],
        ]),
        special: new Map([['none', 'idle']]),
      },
    ])
    expect(drivers[0]?.files.map((file) => file.split('/').slice(-2).join('/'))).toEqual([
      expect.stringMatching(/\/first\.csv$/),
      'days/1.csv.gz',
      'days/2.csv',
    ])
  })

  test('of OpenCost knows its columns and the keys that are nobody', async () => {
    const text = 'drivers: { k8s: { files: pods, format: opencost, special: { kube-system: informed_ignore } } }\n'
    const { drivers } = await loadWritten(text, { 'pods/1.json': '' })
    expect(drivers[0]).toMatchObject({
      columns: { key: 'name', weight: 'totalCost', at: 'start' },
      special: new Map([
        ['__idle__', 'idle'],
        ['__unallocated__', 'unallocated'],
        ['__unmounted__', 'unallocated'],
        ['kube-system', 'informed_ignore'],
      ]),
    })
  })

  const where = '\n  where: file allocation.yaml, line 12\n  hint: '
  test.each([
    [
      'no such file',
      '{ files: x.csv, columns: { key: k, weight: w } }',
      `there is no x.csv${where}Name a file or folder that is there, relative to this file.`,
    ],
    [
      'an empty folder',
      '{ files: empty, format: parquet, columns: { key: k, weight: w } }',
      `the folder empty has no parquet file${where}Files are found by their ending.`,
    ],
    [
      'an unclear format',
      '{ files: empty, columns: { key: k, weight: w } }',
      `the format of empty does not show${where}Add format: csv, parquet or opencost.`,
    ],
    [
      'no weight',
      '{ files: d.csv, columns: { key: k } }',
      `the driver d does not say which column is the weight${where}Name both, such as columns: { key: tenant, weight: queries }.`,
    ],
    [
      'no key',
      '{ files: d.csv }',
      `the driver d does not say which column is the key${where}Name both, such as columns: { key: tenant, weight: queries }.`,
    ],
  ])('with %s', async (_what, driver, message) => {
    const files = { 'd.csv': 'k,w\n', 'empty/readme.txt': '' }
    expect(await mistakeIn(loadWritten(`drivers:\n  d: ${driver}\n`, files))).toBe(message)
  })
})
