import { amountText, minorOf } from './amounts.ts'
import { benefitChart, monthsChart } from './charts-statement.ts'
import {
  left,
  right,
  shownAmount,
  shownChange,
  type BigNumber,
  type Page,
  type Table,
  type TableRow,
} from './document.ts'
import { kindNames } from './lines.ts'
import { lineKinds, type Chargeback, type Line, type Statement } from './model.ts'
import { provenance } from './provenance.ts'

/** What a cost centre is sent. */
export async function statementPage(statement: Statement, chargeback: Chargeback): Promise<Page> {
  const { name, target, currency, costCentre, legalEntity, contact, mode } = statement
  return {
    id: `${target}-${currency}`,
    title: `${name}, ${currency}`,
    subtitle: `Statement for ${chargeback.period}${mode === 'chargeback' ? '' : ` · ${modeNames[mode]}`}`,
    blocks: [
      {
        type: 'facts',
        facts: [
          ['Cost centre', costCentre ?? 'none'],
          ['Legal entity', legalEntity ?? 'none'],
          ['Contact', contact ?? 'none'],
          ['Statement', statement.id],
        ],
      },
      { type: 'numbers', numbers: numbersOf(statement, chargeback) },
      {
        type: 'figures',
        figures: [
          {
            caption: `Months of the fiscal year${statement.budget === null ? '' : ', budget dashed'}`,
            svg: await monthsChart({ ...statement, period: chargeback.period }),
            span: 1,
          },
          { caption: 'What prices and commitments saved', svg: await benefitChart(statement), span: 1 },
        ],
      },
      linesTable(statement),
      benefitTable(statement),
      { type: 'note', text: provenance(chargeback) },
    ],
  }
}

const modeNames = {
  showback: 'shown, not charged',
  central: 'borne centrally',
  external: 'invoiced outside',
  chargeback: 'charged',
}

function numbersOf(statement: Statement, { yearFrom }: Chargeback): BigNumber[] {
  const { total, previous, change, changePercent, yearToDate, budget, forecast } = statement
  const percent = changePercent === null ? '' : ` (${shownChange(changePercent)}\u00a0%)`
  return [
    { label: 'This month', value: shownAmount(total) },
    { label: 'Last month', value: shownAmount(previous), note: `${shownChange(change)}${percent}` },
    { label: 'Year to date', value: shownAmount(yearToDate), note: `since ${yearFrom}` },
    ...(budget === null
      ? []
      : [
          {
            label: 'Budget',
            value: shownAmount(budget.amount),
            note: `${shownChange(budget.variance)}${budget.variancePercent === null ? '' : ` (${shownChange(budget.variancePercent)}\u00a0%)`}${budget.currencyVariance === null ? '' : `, ${shownChange(budget.currencyVariance)} by exchange rates`}`,
          },
        ]),
    ...(forecast === null
      ? []
      : [
          {
            label: 'Forecast',
            value: shownAmount(forecast.expected),
            note: `${shownAmount(forecast.low)} to ${shownAmount(forecast.high)}`,
          },
        ]),
  ]
}

function linesTable(statement: Statement): Table {
  const rows = lineKinds.flatMap((kind): TableRow[] => {
    const lines = statement.lines.filter((line) => line.kind === kind)
    if (lines.length === 0) return []
    const group: TableRow = { cells: [kindNames[kind], '', '', ...sums(lines, statement.currency)], role: 'group' }
    return [group, ...lines.map((line) => ({ cells: lineCells(line, statement) }))]
  })
  const { total, previous, yearToDate } = statement
  return {
    type: 'table',
    caption: `Lines, ${statement.currency}`,
    columns: [
      left('Line'),
      left('Issuer, or how it was split'),
      right('Share'),
      right('This month'),
      right('Last month'),
      right('Year to date'),
    ],
    rows: [...rows, { cells: ['Total', '', '', ...[total, previous, yearToDate].map(shownAmount)], role: 'total' }],
  }
}

function sums(lines: readonly Line[], currency: string): string[] {
  const add = (pick: (line: Line) => string) =>
    shownAmount(
      amountText(
        lines.reduce((sum, line) => sum + minorOf(pick(line), currency), 0n),
        currency,
      ),
    )
  return [add(({ amount }) => amount), add(({ previous }) => previous), add(({ yearToDate }) => yearToDate)]
}

function lineCells(line: Line, { costCentre, currency }: Statement): string[] {
  const { label, invoiceIssuer, method, driver, share, amount, previous, yearToDate } = line
  const apart = [
    line.costCentre === costCentre ? null : line.costCentre,
    line.billingCurrency === currency ? null : `billed in ${line.billingCurrency}`,
  ]
  return [
    [label, ...apart].filter((part) => part !== null).join(' · '),
    invoiceIssuer ?? [method, driver].filter((part) => part !== null).join(': '),
    share === null ? '' : `${share}\u00a0%`,
    ...[amount, previous, yearToDate].map(shownAmount),
  ]
}

function benefitTable({ benefit, currency }: Statement): Table {
  const { list, negotiated, contracted, commitments, effective } = benefit
  return {
    type: 'table',
    caption: `List price to cost, usage and other priced charges, ${currency}`,
    columns: [
      right('At list price'),
      right('Negotiated'),
      right('Contracted'),
      right('Commitments'),
      right('Effective'),
    ],
    rows: [
      {
        cells: [
          shownAmount(list),
          shownChange(negotiated),
          shownAmount(contracted),
          shownChange(commitments),
          shownAmount(effective),
        ],
      },
    ],
  }
}
