import { fromUnits, toUnits } from '../core/decimal.ts'
import { DataError } from '../core/errors.ts'
import type { Period } from '../core/period.ts'
import { makeChargeback } from '../pipeline/month-end/chargeback.ts'
import { keepReports, renderChargeback, renderJournals } from '../pipeline/month-end/report.ts'
import type { Journal } from '../reports/journal/journal.ts'
import type { Configured } from './configured.ts'
import { count, money, table } from './table.ts'

/**
 * Writes a month's statements into the lake, and says what they come to and where they are. DataError when they are not
 * what is allocated, or not what the journal posts.
 */
export async function describeStatementsOf(made: Configured, period: Period, signal: AbortSignal): Promise<string> {
  const { config, lake } = made
  const chargeback = await makeChargeback({ ...made, period, env: {}, signal })
  const { journals } = renderJournals(chargeback, { profile: 'generic', kind: 'final', rules: config.finance?.journal })
  const rows = chargeback.summaries.map(({ currency, targets, total, charged, controls }) => {
    const posted = postedOf(journals.filter((journal) => journal.currency === currency))
    const differs = controls.find(({ difference }) => difference !== '0')
    if (differs !== undefined) throw new DataError(`${differs.name}: they differ by ${differs.difference}`)
    if (toUnits(posted) !== toUnits(charged))
      throw new DataError(`statements charge ${charged} ${currency}, the journal posts ${posted}`)
    return [currency, count(targets.length), money(total), money(charged), money(posted)]
  })
  const files = await renderChargeback(chargeback, ['html', 'xlsx'])
  const names = await keepReports(lake, chargeback, files)
  return [
    table(['currency', 'statements', 'in total', 'charged', 'in the journal'], rows),
    '',
    'Lines, statements, journal and allocated rows agree, to the cent and before rounding to the last digit. Look at',
    ...names.map((name) => `  ${lake.address}/${name}`),
  ].join('\n')
}

/** What lines of statements come to, debits above 0. */
function postedOf(journals: readonly Journal[]): string {
  const lines = journals.flatMap((journal) => journal.lines).filter(({ statement }) => statement !== null)
  return fromUnits(lines.reduce((sum, { debit, credit }) => sum + toUnits(debit ?? '0') - toUnits(credit ?? '0'), 0n))
}
