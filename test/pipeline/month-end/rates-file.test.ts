import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeError } from '../../../src/core/errors.ts'
import { readRates } from '../../../src/pipeline/month-end/rates-file.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'

function write(text: string): string {
  const file = path.join(temporaryFolder(), 'rates.csv')
  writeFileSync(file, text)
  return file
}

describe('three layouts', () => {
  test('our own: days, months of a kind, years', async () => {
    const quotes = await readRates(
      write(
        'date,from,to,rate,kind\n2026-10-01,EUR,USD,1.0823,\n2026-10,EUR,USD,1.09,invoice\n2026,USD,EUR,0.9,budget\n',
      ),
    )
    expect(quotes.slice(0, 3)).toEqual([
      { from: 'EUR', to: 'USD', rate: '1.0823', of: { day: '2026-10-01' } },
      { from: 'EUR', to: 'USD', rate: '1.09', of: { month: '2026-10', kind: 'invoice' } },
      { from: 'USD', to: 'EUR', rate: '0.9', of: { month: '2026-01', kind: 'budget' } },
    ])
    expect(quotes.length).toBe(14)
  })

  test("the European Central Bank's table of reference rates", async () => {
    const text = 'Date,USD,JPY,CYP,\n2026-10-02,1.0823,161.2,N/A,\n2026-10-01,1.08,160,N/A,\n'
    expect(await readRates(write(text))).toEqual([
      { from: 'EUR', to: 'USD', rate: '1.0823', of: { day: '2026-10-02' } },
      { from: 'EUR', to: 'JPY', rate: '161.2', of: { day: '2026-10-02' } },
      { from: 'EUR', to: 'USD', rate: '1.08', of: { day: '2026-10-01' } },
      { from: 'EUR', to: 'JPY', rate: '160', of: { day: '2026-10-01' } },
    ])
  })

  test('a series of its data portal: days, and months that are averages', async () => {
    const text = `KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE
EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-10-01,1.08
EXR.D.USD.EUR.SP00.A,D,USD,EUR,SP00,A,2026-10-02,
EXR.M.USD.EUR.SP00.A,M,USD,EUR,SP00,A,2026-10,1.0811
EXR.M.USD.EUR.SP00.E,M,USD,EUR,SP00,E,2026-10,1.09
`
    expect(await readRates(write(text))).toEqual([
      { from: 'EUR', to: 'USD', rate: '1.08', of: { day: '2026-10-01' } },
      { from: 'EUR', to: 'USD', rate: '1.0811', of: { month: '2026-10', kind: 'average' } },
    ])
  })
})

test.each([
  [
    'date,from,rate\n2026-10-01,EUR,1\n',
    'the file has no column to\n  where: file rates.csv\n  hint: It has date, from, rate; commas separate columns.',
  ],
  [
    'date,from,to,rate\n2026-10-01,EUR,XYZ,1\n',
    'there is no currency XYZ\n  where: file rates.csv, row 1, column to, value "XYZ"\n  hint: Write its ISO 4217 code in capitals, such as EUR.',
  ],
  [
    'date,from,to,rate\n2026-10-01,EUR,USD,"1,08"\n',
    'this is no rate\n  where: file rates.csv, row 1, column rate, value "1,08"\n  hint: Write it as 1.0823, above 0.',
  ],
  [
    'date,from,to,rate\n2026-10-01,EUR,USD,0.00\n',
    'this is no rate\n  where: file rates.csv, row 1, column rate, value "0.00"\n  hint: Write it as 1.0823, above 0.',
  ],
  [
    'date,from,to,rate,kind\n2026-10,EUR,USD,1.1,spot\n',
    'the rate of 2026-10 has no kind that is known\n  where: file rates.csv, row 1, column kind, value "spot"\n  hint: Write one of average, invoice, budget.',
  ],
  [
    'date,from,to,rate,kind\n2026-10-01,EUR,USD,1.1,budget\n',
    'a rate of a day has no kind\n  where: file rates.csv, row 1, column kind, value "budget"\n  hint: Leave it empty, or write a month such as 2026-10 as its date.',
  ],
  [
    'date,from,to,rate,kind\n2026-10,EUR,USD,1.1,budget\n2026,EUR,USD,1.2,budget\n',
    'the rate from EUR to USD of 2026-10 is there twice: in rows 1 and 2\n  where: file rates.csv, row 2, column rate, value "1.2"\n  hint: Remove one.',
  ],
  [
    'date,from,to,rate\n10/01/2026,EUR,USD,1.1\n',
    'date is not a day\n  where: file rates.csv, row 1, column date, value "10/01/2026"\n  hint: Write it as 2026-04-01.',
  ],
])('%j is refused', async (text, message) => {
  const file = write(text)
  const error: unknown = await readRates(file).catch((caught: unknown) => caught)
  expect(describeError(error).replaceAll(file, 'rates.csv')).toBe(message)
})
