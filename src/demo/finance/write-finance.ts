import { copyFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { periodBounds, type Period } from '../../core/period.ts'
import { pathBeside } from '../../core/sql.ts'

/** What finance keeps beside the configuration, by name. */
export const financeFiles: readonly string[] = ['invoices.yaml', 'rates.csv', 'budgets.csv']

/** The section of the configuration that names them. */
export const financeSection = `finance:
  reportingCurrency: EUR
  rates: ./rates.csv
  budgets: ./budgets.csv
  invoices: ./invoices.yaml
  journal: { payer: Acme Holdings GmbH, clearingAccount: "189000", clearingCostCentre: CC-9000 }
`

/** Writes the rates of every month and the budgets into a folder; the same months give the same files. */
export async function writeFinance(directory: string, months: readonly Period[]): Promise<void> {
  await writeFile(path.join(directory, 'rates.csv'), ratesText(months))
  await copyFile(pathBeside(import.meta.url, 'data/budgets.csv'), path.join(directory, 'budgets.csv'))
}

/** Made-up rates of the days that banks work, and the one that the year was planned with. */
function ratesText(months: readonly Period[]): string {
  const days = months.flatMap(workingDays).map((day) => `${day},EUR,USD,${rateOf(day)},`)
  const years = [...new Set(months.map((month) => month.slice(0, 4)))].map((year) => `${year},EUR,USD,1.15,budget`)
  return `date,from,to,rate,kind\n${[...years, ...days].join('\n')}\n`
}

function workingDays(month: Period): string[] {
  const { start, end } = periodBounds(month)
  const count = (Date.parse(end) - Date.parse(start)) / dayLength
  return Array.from({ length: count }, (_, at) => new Date(Date.parse(start) + at * dayLength))
    .filter((day) => day.getUTCDay() % 6 !== 0)
    .map((day) => day.toISOString().slice(0, 10))
}

const dayLength = 86_400_000

/** Up and down around 1.17, the same for the same day. */
function rateOf(day: string): string {
  const wave = ((Date.parse(day) / dayLength) * 7919) % 211
  return `1.${1700 + wave - 105}`
}
