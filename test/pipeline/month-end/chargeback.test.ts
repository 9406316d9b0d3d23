import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { fromUnits, toUnits, trimZeros } from '../../../src/core/decimal.ts'
import { openSession } from '../../../src/core/duckdb.ts'
import { describeError } from '../../../src/core/errors.ts'
import { makeChargeback } from '../../../src/pipeline/month-end/chargeback.ts'
import { keepReports, renderChargeback, renderJournals } from '../../../src/pipeline/month-end/report.ts'
import { run } from '../../../src/pipeline/run.ts'
import type { Chargeback } from '../../../src/reports/chargeback/model.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'
import { temporaryFolderOfFile } from '../../transforms/aws/temporary-folder.ts'
import { hashes } from '../workbench.ts'
import { writeFinanceLake } from './finance-lake.ts'

const templateFolder = temporaryFolderOfFile()
let folder: string
let chargeback: Chargeback

/** September and October, published and allocated. Tests that change something work on a copy. */
beforeAll(async () => {
  folder = templateFolder()
  writeFinanceLake(folder)
  const config = await loadConfig(path.join(folder, 'focal.yaml'), {})
  const now = () => new Date('2026-11-03T06:00:00Z')
  const made = await run({ config, lake: localSink(config.lake), runId: 'run-1', now, report: () => undefined }, {})
  expect(made.outcome).toBe('done')
  chargeback = await chargebackOf(folder)
})

async function chargebackOf(where: string, period = '2026-10'): Promise<Chargeback> {
  const config = await loadConfig(path.join(where, 'focal.yaml'), {})
  return makeChargeback({ config, lake: localSink(config.lake), period, env: {} })
}

async function journalsOf(where: string, made: Chargeback) {
  const config = await loadConfig(path.join(where, 'focal.yaml'), {})
  return renderJournals(made, { profile: 'generic', kind: 'final', rules: config.finance?.journal }).journals
}

function copy(): string {
  const own = temporaryFolder()
  cpSync(folder, own, { recursive: true, preserveTimestamps: true })
  return own
}

/** What each target owes of October, by an independent query over the partitions. */
async function allocatedByTarget(): Promise<Record<string, string>> {
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    const rows = await session.rows<{ target: string; cost: string }>(`
      SELECT x_Target AS target, sum(EffectiveCost) AS cost
      FROM read_parquet('${folder}/lake/allocated/billing_period=2026-10/*/*.parquet') GROUP BY ALL ORDER BY ALL`)
    return Object.fromEntries(rows.map(({ target, cost }) => [target, trimZeros(cost)]))
  } finally {
    session.close()
  }
}

describe('a month in the lake', () => {
  test('has a statement for each target that owes', () => {
    const shown = chargeback.statements.map(({ id, total, charged, previous, yearToDate, exact }) =>
      [id, total, charged, previous, yearToDate, exact].join(' '),
    )
    // All is 24.027, shown as 24.03: 16.69 of it are Acme GmbH's 16.684666…, and there the last cent is Payments'.
    expect(shown).toEqual([
      '2026-10/payments/USD 5.35 5.35 5.34 10.69 5.342333333333333334',
      '2026-10/platform/USD 5.00 0.00 5.00 10.00 5',
      '2026-10/search/USD 6.34 6.34 6.33 12.67 6.342333333333333333',
      '2026-10/shop/USD 7.34 7.34 7.34 14.68 7.342333333333333333',
    ])
  })

  test('statements before rounding are the allocated rows, to the last digit', async () => {
    const exact = Object.fromEntries(chargeback.statements.map((statement) => [statement.target, statement.exact]))
    expect(exact).toEqual(await allocatedByTarget())
  })

  test('statements are the journal', async () => {
    const journals = await journalsOf(folder, chargeback)
    const posted = journals.flatMap(({ lines }) => lines).filter(({ statement }) => statement !== null)
    expect(Object.fromEntries(posted.map(({ statement, debit }) => [statement, debit]))).toEqual(
      Object.fromEntries(
        chargeback.statements.filter(({ mode }) => mode === 'chargeback').map(({ id, charged }) => [id, charged]),
      ),
    )
    const clearing = journals.flatMap(({ lines }) => lines).filter(({ account }) => account === '189000')
    expect(clearing.map(({ credit }) => credit)).toEqual(['19.03'])
    const sums = posted.reduce((sum, { debit }) => sum + toUnits(debit ?? '0'), 0n)
    expect(fromUnits(sums)).toBe('19.03')
  })

  test('shared cost is a line that says how it was split', () => {
    const [payments] = chargeback.statements
    expect(payments?.lines.map(({ label, method, share, amount }) => [label, method, share, amount])).toEqual([
      ['Storage', null, null, '2.01'],
      ['Shared servers', 'even parts', '33.33', '3.34'],
    ])
  })

  test('what nobody caused is with the pool’s owner', () => {
    expect(chargeback.summaries[0]?.unallocated).toEqual([
      { reason: 'untagged', owner: 'Platform', pool: 'unallocated', amount: '5.00' },
    ])
  })

  test('every control ties', () => {
    expect(chargeback.summaries.flatMap(({ controls }) => controls.map(({ difference }) => difference))).toEqual([
      '0',
      '0',
      '0',
      '0',
      '0',
    ])
  })

  test('gives the same chargeback, and the same bytes in every format, whenever it is asked', async () => {
    const again = await chargebackOf(folder)
    expect(again).toEqual(chargeback)
    const bytes = async (made: Chargeback) => {
      const files = await renderChargeback(made, ['json', 'csv', 'html'])
      return files.map(({ name, content }) => [name, Buffer.from(content).toString('latin1')])
    }
    expect(await bytes(again)).toEqual(await bytes(chargeback))
  })
})

describe('reports in the lake', () => {
  test('are put under reports, and written over while the month is open', async () => {
    const lake = localSink(path.join(temporaryFolder(), 'lake'))
    const files = await renderChargeback(chargeback, ['json', 'csv'])
    expect(await keepReports(lake, chargeback, files)).toEqual([
      'reports/2026-10/chargeback.json',
      'reports/2026-10/chargeback.csv',
    ])
    await keepReports(lake, chargeback, [{ name: 'chargeback.csv', content: 'new' }])
    expect(String(await lake.readFile('reports/2026-10/chargeback.csv'))).toBe('new')
  })

  test('of a closed month stay as they are', async () => {
    const own = copy()
    const lake = localSink(path.join(own, 'lake'))
    await keepReports(lake, chargeback, await renderChargeback(chargeback, ['json']))
    mkdirSync(path.join(own, 'lake/_focal/closed'), { recursive: true })
    writeFileSync(path.join(own, 'lake/_focal/closed/2026-10.json'), JSON.stringify({ state: 'closed' }))
    const before = hashes(path.join(own, 'lake/reports'))
    const closed = await chargebackOf(own)
    expect(closed.state).toBe('closed')
    await expect(
      keepReports(lake, closed, [{ name: 'chargeback.json', content: '{}' }]).catch(describeError),
    ).resolves.toBe(
      '2026-10 is closed: its statements in reports/2026-10 stay as they are\n  hint: Name another folder with --output to print it again.',
    )
    expect(hashes(path.join(own, 'lake/reports'))).toEqual(before)
  })
})

describe('corrections posted in a month', () => {
  test('are lines of their own, and in the totals that everything is held against', async () => {
    const own = copy()
    await correct(own)
    const corrected = await chargebackOf(own)
    const [payments] = corrected.statements
    expect(payments?.lines.map(({ label, amount }) => [label, amount])).toContainEqual([
      'Correction of 2026-09 · late usage',
      '2.01',
    ])
    expect([payments?.total, payments?.yearToDate]).toEqual(['7.35', '12.69'])
    const [summary] = corrected.summaries
    expect(summary?.bridge.find(({ name }) => name === 'Corrections of closed months')?.amount).toBe('2.004')
    expect(summary?.controls.filter(({ difference }) => difference !== '0')).toEqual([])
    expect(corrected.runId).not.toBe(chargeback.runId)
    const [journal] = await journalsOf(own, corrected)
    expect(journal?.lines.map(({ originalPeriod, debit }) => [originalPeriod, debit])).toContainEqual([
      '2026-09',
      '2.01',
    ])
  })
})

describe('refused', () => {
  const refusal = (promise: Promise<unknown>) => promise.then(() => 'nothing was refused', describeError)

  test('a month that is not allocated', async () => {
    expect(await refusal(chargebackOf(folder, '2026-12'))).toBe(
      'nothing is allocated of 2026-12\n  hint: Run `focal allocate` first, or name another month.',
    )
  })

  test('a configuration without rules', async () => {
    const own = copy()
    const file = path.join(own, 'focal.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('allocation: ./allocation.yaml\n', ''))
    expect(await refusal(chargebackOf(own))).toBe(
      'the configuration names no allocation rules, so nobody owes anything\n  hint: Name them with `allocation:` in focal.yaml.',
    )
  })

  test('a target without a statement', async () => {
    expect(await refusal(renderChargeback(chargeback, ['json'], 'marketing'))).toBe(
      'the target marketing has no statement for 2026-10\n  hint: There are statements for payments, platform, search, shop.',
    )
  })

  test('a journal that nobody has said how to post', () => {
    expect(() => renderJournals(chargeback, { profile: 'generic', kind: 'final', rules: undefined })).toThrow(
      'the configuration does not say how to post',
    )
  })
})

/** Posts what payments owed of storage in September once more, as late usage. */
async function correct(where: string): Promise<void> {
  const target = path.join(where, 'lake/corrections/billing_period=2026-10/source=tiny')
  mkdirSync(target, { recursive: true })
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: path.join(where, 'spill') })
  try {
    await session.run(`
      COPY (
        SELECT * EXCLUDE (billing_period, source) REPLACE ('Correction' AS ChargeClass),
          'late_usage' AS x_Cause, '2026-09' AS x_CorrectsPeriod
        FROM read_parquet('${where}/lake/allocated/billing_period=2026-09/*/*.parquet', hive_partitioning = true)
        WHERE x_Target = 'payments' AND x_PoolPath = '[]'
      ) TO '${target}/corrections.parquet'`)
  } finally {
    session.close()
  }
}
