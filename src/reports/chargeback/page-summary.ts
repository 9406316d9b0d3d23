import { targetsChart } from './chart-targets.ts'
import { left, right, shownAmount, shownChange, type Page, type Table } from './document.ts'
import { kindNames, words } from './lines.ts'
import { matrixTable } from './page-matrix.ts'
import type { Chargeback, Summary } from './model.ts'
import { provenance } from './provenance.ts'

/** The controller's page: who pays what, on which accounts, and that it is what the providers billed. */
export async function summaryPage(summary: Summary, chargeback: Chargeback): Promise<Page> {
  const { currency } = summary
  const broken = summary.controls.filter(({ difference }) => difference !== '0').length
  return {
    id: `summary-${currency}`,
    title: `Chargeback ${chargeback.period}, ${currency}`,
    subtitle: "Controller's summary",
    blocks: [
      {
        type: 'numbers',
        numbers: [
          { label: 'Statements', value: shownAmount(summary.total), note: `${summary.targets.length} targets` },
          { label: 'Of it charged', value: shownAmount(summary.charged), note: 'in the journal' },
          { label: 'Last month', value: shownAmount(summary.previous) },
          { label: 'Year to date', value: shownAmount(summary.yearToDate), note: `since ${chargeback.yearFrom}` },
          { label: 'Idle and unallocated', value: `${summary.unallocatedPercent} %` },
          { label: 'Controls', value: broken === 0 ? 'all tie' : `${broken} differ` },
        ],
      },
      { type: 'figures', figures: [{ caption: 'Who pays, and what for', svg: await targetsChart(summary), span: 2 }] },
      matrixTable(summary),
      kindsTable(summary),
      bridgeTable(summary),
      controlsTable(summary),
      ...(summary.unallocated.length === 0 ? [] : [unallocatedTable(summary)]),
      { type: 'note', text: provenance(chargeback) },
    ],
  }
}

function kindsTable({ kinds, total, currency }: Summary): Table {
  return {
    type: 'table',
    caption: `What it is made of, ${currency}`,
    columns: [left('Kind'), right('Amount')],
    rows: [
      ...kinds.map(({ kind, amount }) => ({ cells: [kindNames[kind], shownAmount(amount)] })),
      { cells: ['Statements', shownAmount(total)], role: 'total' },
    ],
  }
}

function bridgeTable({ bridge, currency }: Summary): Table {
  return {
    type: 'table',
    caption: `From bill to statements, ${currency}`,
    columns: [left('Step'), right('Exact amount')],
    rows: bridge.map(({ name, amount, isTotal }) => ({
      cells: [name, isTotal ? shownAmount(amount) : shownChange(amount)],
      ...(isTotal ? { role: 'total' as const } : {}),
    })),
  }
}

function controlsTable({ controls }: Summary): Table {
  return {
    type: 'table',
    caption: 'Control totals, to the last digit',
    columns: [left('Control'), right('Left'), right('Right'), right('Difference')],
    rows: controls.map(({ name, left: one, right: other, difference }) => ({
      cells: [name, shownAmount(one), shownAmount(other), shownAmount(difference)],
    })),
  }
}

function unallocatedTable({ unallocated, currency }: Summary): Table {
  return {
    type: 'table',
    caption: `Idle and unallocated, ${currency}`,
    columns: [left('Reason'), left('With'), left('Pool'), right('Amount')],
    rows: unallocated.map(({ reason, owner, pool, amount }) => ({
      cells: [words(reason), owner, pool ?? '', shownAmount(amount)],
    })),
  }
}
