import { createHash } from 'node:crypto'
import { zipOf, type ZipEntry } from '../../core/zip.ts'
import type { Control } from '../../reports/chargeback/model.ts'
import type { Bridge, Reconciliation } from '../../reports/reconcile/model.ts'
import { csvOf, type Column } from '../../reports/sheet.ts'
import type { ReportFile } from '../month-end/report.ts'
import { readUnits } from '../state.ts'
import type { Booking } from './book.ts'
import { entriesOf } from './books.ts'
import type { Booked, CorrectionTotal } from './events.ts'
import { readKeptRules } from './kept-rules.ts'
import { driverChanges, ruleChanges, type RuleChange } from './rule-changes.ts'

interface Evidence {
  readonly booked: Booked
  readonly reconciliation: Reconciliation
  readonly reports: readonly ReportFile[]
}

/**
 * What an auditor asks for of a month, as one zip: what it was made from, what ties with what, what changed in the rules,
 * who prepared, accepted, disputed and approved, and the statements themselves. `manifest.json` has the SHA-256 of
 * every other file in it. The same month gives the same bytes.
 */
export async function evidencePack(booking: Booking, evidence: Evidence): Promise<Buffer> {
  const { booked, reconciliation, reports } = evidence
  const entries: ZipEntry[] = [
    entry('approvals.json', approvals(booking)),
    entry('control-totals.csv', csvOf({ name: '', columns: controlColumns, rows: reconciliation.controls })),
    entry('bridge.csv', csvOf({ name: '', columns: bridgeColumns, rows: reconciliation.bridges.flatMap(bridgeRows) })),
    entry('reconciliation.json', `${JSON.stringify(reconciliation, null, 2)}\n`),
    entry('corrections.csv', csvOf({ name: '', columns: correctionColumns, rows: correctionsIn(booking) })),
    entry('rule-changes.csv', csvOf({ name: '', columns: changeColumns, rows: await changesSince(booking, booked) })),
    entry('rules.json', (await booking.context.lake.readFile(booked.rules.file.path)) ?? ''),
    entry(
      'books.jsonl',
      entriesOf(booking.books.log(), booking.period)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    ),
    ...reports.map(({ name, content }) => entry(`statements/${name}`, content)),
  ]
  const manifest = await manifestOf(booking, booked, entries)
  return zipOf([entry('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`), ...entries])
}

function entry(name: string, content: string | Uint8Array): ZipEntry {
  return { name, content: typeof content === 'string' ? Buffer.from(content, 'utf8') : content }
}

async function manifestOf({ context, books, period, by }: Booking, booked: Booked, entries: readonly ZipEntry[]) {
  const units = (await readUnits(context.lake)).filter((unit) => unit.period === period)
  return {
    period,
    lake: context.lake.address,
    chargeback: booked.runId,
    rules: booked.rules.print,
    approver: by,
    /** The last line of the books before the month was closed. */
    head: books.log().head,
    sources: booked.sources.map(({ source, focus, partition, totals }) => ({
      source,
      // What was delivered since, and not allocated yet, is no part of the month.
      delivery: units.find((unit) => unit.source === source && unit.version === focus.version)?.delivery,
      focus,
      partition,
      totals,
    })),
    corrections: booked.corrections,
    rates: booked.rates,
    files: entries.map(({ name, content }) => ({
      name,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  }
}

function approvals({ books, period, by }: Booking): string {
  const { preparers, statements, acceptances, disputes } = books.month(period)
  const accepted = new Set(acceptances.map(({ target }) => target))
  const targets = [...new Set(statements.map(({ target }) => target))]
  const silent = targets.filter((target) => !accepted.has(target))
  return `${JSON.stringify({ period, preparers, approver: by, acceptances, silent, disputes }, null, 2)}\n`
}

const text = <Row>(header: string, value: (row: Row) => string): Column<Row> => ({ header, kind: 'text', value })
const exact = <Row>(header: string, value: (row: Row) => string): Column<Row> => ({ header, kind: 'exact', value })

type BridgeRow = Bridge['steps'][number] & { readonly currency: string }

const bridgeRows = ({ currency, steps }: Bridge): BridgeRow[] => steps.map((step) => ({ ...step, currency }))

const controlColumns: Column<Control>[] = [
  text('Control', ({ name }) => name),
  exact('Left', ({ left }) => left),
  exact('Right', ({ right }) => right),
  exact('Difference', ({ difference }) => difference),
]

const bridgeColumns: Column<BridgeRow>[] = [
  text('Currency', ({ currency }) => currency),
  text('Step', ({ name }) => name),
  text('Total', ({ isTotal }) => (isTotal ? 'yes' : '')),
  exact('Amount', ({ amount }) => amount),
]

type CorrectionRow = CorrectionTotal & { readonly source: string }

/** Corrections of earlier months that are on this month's statements. */
function correctionsIn({ books, period }: Booking): CorrectionRow[] {
  const last = entriesOf(books.log(), period).findLast(({ event }) => event === 'corrections-posted')
  if (last?.event !== 'corrections-posted') return []
  return last.corrections.flatMap(({ source, totals }) => totals.map((total) => ({ ...total, source })))
}

const correctionColumns: Column<CorrectionRow>[] = [
  text('Source', ({ source }) => source),
  text('Corrects', ({ corrects }) => corrects),
  text('Cause', ({ cause }) => cause),
  text('Currency', ({ currency }) => currency),
  exact('BilledCost', ({ billedCost }) => billedCost),
  exact('EffectiveCost', ({ effectiveCost }) => effectiveCost),
]

/** Against the rules of the last closed month; nothing when this is the first. */
async function changesSince({ context, books, period }: Booking, { rules }: Booked): Promise<RuleChange[]> {
  const before = books.months().findLast((month) => month.period < period && month.booked !== null)?.booked?.rules
  if (before === undefined || before.print === rules.print) return []
  const was = await readKeptRules(context.lake, before.file.path)
  const is = await readKeptRules(context.lake, rules.file.path)
  return [...ruleChanges(was, is), ...driverChanges(before.drivers, rules.drivers)]
}

const changeColumns: Column<RuleChange>[] = [
  text('Part', ({ part }) => part),
  text('Id', ({ id }) => id),
  text('Change', ({ change }) => change),
]
