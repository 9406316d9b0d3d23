import { isCurrency } from '../../core/currency.ts'
import { readCsvTable, readDay, type CsvRow, type CsvTable } from '../../core/csv-table.ts'
import { readAmount } from '../../core/money-text.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import { rateKinds, type Quote, type RateKind } from '../../reports/currency/quote.ts'

/**
 * Rates from a CSV file in one of three layouts, told apart by the header: date,from,to,rate,kind; the European Central
 * Bank's table of reference rates (Date,USD,JPY,…); and a series of its data portal (TIME_PERIOD,OBS_VALUE,…).
 * UserError names row, column and value.
 */
export async function readRates(file: string): Promise<Quote[]> {
  const table = await readCsvTable(file, file, { required: [], optional: [] }, { file: 'focal.yaml' })
  if (table.columns.includes('TIME_PERIOD')) return portalSeries(file)
  if (table.columns.includes('Date')) return referenceTable(table)
  const columns = { required: ['date', 'from', 'to', 'rate'], optional: ['kind'] }
  return ownRows((await readCsvTable(file, file, columns, { file })).rows)
}

/** One euro in each currency, a column for each; N/A where there was none. */
function referenceTable({ columns, rows }: CsvTable): Quote[] {
  const currencies = columns.filter((name) => /^[A-Z]{3}$/.test(name))
  return rows.flatMap((row) => {
    const day = requiredDay(row, 'Date')
    return currencies.flatMap((to) => {
      const written = row.value(to)
      return written === undefined || written === 'N/A' ? [] : { from: 'EUR', to, rate: rateOf(row, to), of: { day } }
    })
  })
}

/** Daily observations, or monthly ones that are averages; those of a month's end are left out. */
async function portalSeries(file: string): Promise<Quote[]> {
  const columns = {
    required: ['TIME_PERIOD', 'OBS_VALUE', 'CURRENCY', 'CURRENCY_DENOM'],
    optional: ['FREQ', 'EXR_SUFFIX'],
  }
  const { rows } = await readCsvTable(file, file, columns, { file })
  return rows.flatMap((row) => {
    if (row.value('OBS_VALUE') === undefined || row.value('EXR_SUFFIX') === 'E') return []
    const [from, to, time] = [currencyOf(row, 'CURRENCY_DENOM'), currencyOf(row, 'CURRENCY'), row.value('TIME_PERIOD')]
    const of =
      time !== undefined && isPeriod(time)
        ? { month: time, kind: 'average' as const }
        : { day: requiredDay(row, 'TIME_PERIOD') }
    return { from, to, rate: rateOf(row, 'OBS_VALUE'), of }
  })
}

function ownRows(rows: readonly CsvRow[]): Quote[] {
  const seen = new Map<string, number>()
  return rows.flatMap((row) => {
    const [from, to] = [currencyOf(row, 'from'), currencyOf(row, 'to')]
    const rate = rateOf(row, 'rate')
    return timesOf(row).map((of) => {
      const key = JSON.stringify([from, to, of])
      const other = seen.get(key)
      if (other !== undefined) {
        const what = `the rate from ${from} to ${to} of ${'day' in of ? of.day : of.month} is there twice: in rows ${other} and ${row.row}`
        throw row.mistake('rate', what, 'Remove one.')
      }
      seen.set(key, row.row)
      return { from, to, rate, of }
    })
  })
}

/** A day without a kind, a month of a kind, or a year, which is each of its months. */
function timesOf(row: CsvRow): Quote['of'][] {
  const date = row.value('date') ?? ''
  const kind = row.value('kind')
  const months = monthsOf(date)
  if (months === undefined) {
    if (kind !== undefined) {
      throw row.mistake(
        'kind',
        'a rate of a day has no kind',
        'Leave it empty, or write a month such as 2026-10 as its date.',
      )
    }
    return [{ day: requiredDay(row, 'date') }]
  }
  const known = rateKinds.find((one) => one === kind)
  if (known === undefined) {
    throw row.mistake('kind', `the rate of ${date} has no kind that is known`, `Write one of ${rateKinds.join(', ')}.`)
  }
  return months.map((month) => ({ month, kind: known satisfies RateKind }))
}

function monthsOf(date: string): Period[] | undefined {
  if (isPeriod(date)) return [date]
  if (!/^\d{4}$/.test(date)) return undefined
  return Array.from({ length: 12 }, (_, at) => `${date}-${String(at + 1).padStart(2, '0')}`)
}

function requiredDay(row: CsvRow, column: string): string {
  const day = readDay(row, column)
  if (day !== undefined) return day
  throw row.mistake(column, `the row has no ${column}`, 'Fill it in, or remove the row.')
}

function currencyOf(row: CsvRow, column: string): string {
  const code = row.value(column) ?? ''
  if (isCurrency(code)) return code
  throw row.mistake(
    column,
    `there is no currency ${code || 'without a code'}`,
    'Write its ISO 4217 code in capitals, such as EUR.',
  )
}

function rateOf(row: CsvRow, column: string): string {
  const rate = readAmount(row.value(column) ?? '')
  if (rate !== undefined && !rate.startsWith('-') && /[1-9]/.test(rate)) return rate
  throw row.mistake(column, 'this is no rate', 'Write it as 1.0823, above 0.')
}
