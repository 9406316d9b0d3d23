import { amountText, minorOf, percentText } from './amounts.ts'
import { bridgeOf } from './bridge.ts'
import { controlsOf } from './controls.ts'
import type { ChargebackInput } from './input.ts'
import { sum } from './lines.ts'
import { lineKinds, type Line, type Matrix, type Statement, type Summary, type Unallocated } from './model.ts'

/** The controller's page over all statements of one currency. Its sums are of what the statements show. */
export function makeSummary(currency: string, statements: readonly Statement[], input: ChargebackInput): Summary {
  const add = (amounts: readonly string[]) =>
    amountText(sum(amounts.map((amount) => minorOf(amount, currency))), currency)
  const lines = statements.flatMap((statement) => statement.lines)
  const kindsOf = (some: readonly Line[]) =>
    lineKinds.flatMap((kind) => {
      const members = some.filter((line) => line.kind === kind)
      return members.length === 0 ? [] : { kind, amount: add(members.map(({ amount }) => amount)) }
    })
  const total = add(statements.map((statement) => statement.total))
  const unallocated = unallocatedOf(statements, input.pools, add)
  return {
    currency,
    total,
    charged: add(statements.map((statement) => statement.charged)),
    previous: add(statements.map((statement) => statement.previous)),
    yearToDate: add(statements.map((statement) => statement.yearToDate)),
    kinds: kindsOf(lines),
    targets: statements.map((statement) => ({
      target: statement.target,
      name: statement.name,
      total: statement.total,
      kinds: kindsOf(statement.lines),
    })),
    matrix: matrixOf(lines, add),
    bridge: bridgeOf(currency, statements, input),
    controls: controlsOf(currency, statements, input),
    unallocated,
    unallocatedPercent:
      percentText(sum(unallocated.map(({ amount }) => minorOf(amount, currency))), minorOf(total, currency), 2) ??
      '0.00',
  }
}

type Add = (amounts: readonly string[]) => string

function matrixOf(lines: readonly Line[], add: Add): Matrix {
  const distinct = (pick: (line: Line) => string | null) => [...new Set(lines.map(pick))].toSorted(nullsLast)
  const accounts = distinct(({ glAccount }) => glAccount)
  const cell = (some: readonly Line[], account: string | null) =>
    add(some.filter(({ glAccount }) => glAccount === account).map(({ amount }) => amount))
  const rows = distinct(({ costCentre }) => costCentre).map((costCentre) => {
    const own = lines.filter((line) => line.costCentre === costCentre)
    const amounts = accounts.map((account) => cell(own, account))
    return { costCentre, amounts, total: add(amounts) }
  })
  return {
    accounts,
    rows,
    totals: accounts.map((account) => cell(lines, account)),
    total: add(rows.map(({ total }) => total)),
  }
}

function nullsLast(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}

/** Cost with an owner for a reason, by reason, owner and pool. */
function unallocatedOf(statements: readonly Statement[], pools: ReadonlyMap<string, string>, add: Add): Unallocated[] {
  const nameOf = (pool: string | null) => (pool === null ? null : (pools.get(pool) ?? pool))
  const resting = statements.flatMap(({ name, lines }) =>
    lines.flatMap(({ reason, pool, amount }) =>
      reason === null ? [] : { reason, owner: name, pool: nameOf(pool), amount },
    ),
  )
  const groups = Map.groupBy(resting, ({ reason, owner, pool }) => JSON.stringify([reason, owner, pool]))
  return [...groups.values()].flatMap((members) => {
    const [first] = members
    return first === undefined ? [] : { ...first, amount: add(members.map(({ amount }) => amount)) }
  })
}
