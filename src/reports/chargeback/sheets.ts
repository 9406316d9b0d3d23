import type { Column, Sheet } from '../sheet.ts'
import { kindNames } from './lines.ts'
import type { Chargeback, Detail, Line, Statement } from './model.ts'

/** A detail with all that is around it: the flat form, one row each. */
export interface FlatDetail {
  readonly statement: Statement
  readonly line: Line
  readonly detail: Detail
}

export interface FlatLine {
  readonly statement: Statement
  readonly line: Line
}

const text = <Row>(header: string, value: (row: Row) => string | null, width = 14): Column<Row> => ({
  header,
  kind: 'text',
  value,
  width,
})
const amount = <Row>(header: string, value: (row: Row) => string | null): Column<Row> => ({
  header,
  kind: 'amount',
  value,
  width: 14,
})

/** One row for each statement. */
export function statementSheet({ statements }: Chargeback): Sheet<Statement> {
  return {
    name: 'Statements',
    rows: statements,
    columns: [
      text('Statement', ({ id }) => id, 26),
      text('Target', ({ target }) => target),
      text('Name', ({ name }) => name, 24),
      text('Cost centre', ({ costCentre }) => costCentre),
      text('Legal entity', ({ legalEntity }) => legalEntity, 22),
      text('Mode', ({ mode }) => mode, 12),
      text('Currency', ({ currency }) => currency, 9),
      amount('This month', ({ total }) => total),
      amount('Of it charged', ({ charged }) => charged),
      amount('Last month', ({ previous }) => previous),
      amount('Change', ({ change }) => change),
      { header: 'Change %', kind: 'percent', value: ({ changePercent }) => changePercent, width: 10 },
      amount('Year to date', ({ yearToDate }) => yearToDate),
      amount('Budget', ({ budget }) => budget?.amount ?? null),
      amount('Variance', ({ budget }) => budget?.variance ?? null),
      amount('Of it by exchange rates', ({ budget }) => budget?.currencyVariance ?? null),
      amount('Forecast', ({ forecast }) => forecast?.expected ?? null),
      amount('At list price', ({ benefit }) => benefit.list),
      amount('Negotiated', ({ benefit }) => benefit.negotiated),
      amount('Commitments', ({ benefit }) => benefit.commitments),
    ],
  }
}

/** One row for each line of a statement. */
export function lineSheet({ statements }: Chargeback): Sheet<FlatLine> {
  return {
    name: 'Lines',
    rows: statements.flatMap((statement) => statement.lines.map((line) => ({ statement, line }))),
    columns: [
      text('Target', ({ statement }) => statement.target),
      text('Currency', ({ statement }) => statement.currency, 9),
      text('Kind', ({ line }) => kindNames[line.kind], 20),
      text('Line', ({ line }) => line.label, 36),
      text('Invoice issuer', ({ line }) => line.invoiceIssuer, 28),
      text('Cost centre', ({ line }) => line.costCentre),
      text('GL account', ({ line }) => line.glAccount),
      text('Mode', ({ line }) => line.mode, 12),
      text('Method', ({ line }) => line.method, 28),
      text('Driver', ({ line }) => line.driver),
      { header: 'Share of pool %', kind: 'percent', value: ({ line }) => line.share, width: 14 },
      text('Reason', ({ line }) => line.reason),
      text('Original month', ({ line }) => line.originalPeriod),
      text('Cause', ({ line }) => line.cause),
      amount('This month', ({ line }) => line.amount),
      amount('Last month', ({ line }) => line.previous),
      amount('Year to date', ({ line }) => line.yearToDate),
    ],
  }
}

/** One row for each detail; its amounts sum to the statements. */
export function detailSheet({ period, statements }: Chargeback): Sheet<FlatDetail> {
  return {
    name: 'Details',
    rows: statements.flatMap((statement) =>
      statement.lines.flatMap((line) => line.details.map((detail) => ({ statement, line, detail }))),
    ),
    columns: [
      text('Period', () => period, 9),
      text('Target', ({ statement }) => statement.target),
      text('Target name', ({ statement }) => statement.name, 22),
      text('Legal entity', ({ statement }) => statement.legalEntity, 22),
      text('Cost centre', ({ line }) => line.costCentre),
      text('GL account', ({ line }) => line.glAccount),
      text('Mode', ({ line }) => line.mode, 12),
      text('Kind', ({ line }) => line.kind, 12),
      text('Line', ({ line }) => line.label, 34),
      text('Pool', ({ line }) => line.pool, 18),
      text('Rule', ({ line }) => line.rule, 20),
      text('Reason', ({ line }) => line.reason),
      text('Original month', ({ line }) => line.originalPeriod),
      text('Cause', ({ line }) => line.cause, 18),
      text('Invoice issuer', ({ detail }) => detail.invoiceIssuer, 28),
      text('Service category', ({ detail }) => detail.serviceCategory, 20),
      text('Service', ({ detail }) => detail.service, 34),
      text('Sub account', ({ detail }) => detail.subAccount, 20),
      text('Sub account name', ({ detail }) => detail.subAccountName, 20),
      text('Charge category', ({ detail }) => detail.chargeCategory, 14),
      { header: 'Postings', kind: 'count', value: ({ detail }) => String(detail.rows), width: 10 },
      text('Currency', ({ statement }) => statement.currency, 9),
      amount('Amount', ({ detail }) => detail.amount),
      { header: 'Exact', kind: 'exact', value: ({ detail }) => detail.exact, width: 24 },
    ],
  }
}
