import { parse, View, type Axis, type Spec } from 'vega'
import { kindNames } from './lines.ts'
import { lineKinds, type LineKind, type Statement, type Summary } from './model.ts'

/** Charts as SVG text, drawn without a browser. Lengths are pixels; heights follow from what is shown. */

const palette: Readonly<Record<LineKind, string>> = {
  direct: '#1f5673',
  shared: '#6fa8c9',
  idle: '#e0b04c',
  unallocated: '#c4614f',
  credit: '#6f9f7a',
  tax: '#8f949b',
  adjustment: '#8d70ae',
}

const ink = '#3c464d'
const font = 'Roboto, "Segoe UI", Helvetica, Arial, sans-serif'
const config = {
  axis: { labelColor: ink, labelFont: font, labelFontSize: 10, domain: false, ticks: false, gridColor: '#e3e7ea' },
  legend: { labelColor: ink, labelFont: font, labelFontSize: 10, labelLimit: 0, symbolType: 'square' },
  text: { fill: ink, font, fontSize: 10 },
}

/** A small chart's scale of amounts: `1.5k`, and a plain 0. */
const amounts: Axis = {
  orient: 'left',
  scale: 'y',
  grid: true,
  tickCount: 4,
  labelPadding: 6,
  encode: { labels: { update: { text: { signal: "format(datum.value, '~s')" } } } },
}
const small = { width: 300, height: 130, autosize: { type: 'pad' as const } }

async function draw(spec: Spec): Promise<string> {
  const view = new View(
    parse({ $schema: 'https://vega.github.io/schema/vega/v6.json', background: 'transparent', config, ...spec }),
    {
      renderer: 'none',
    },
  )
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

/** Who owes how much, and why: a bar for each target, the largest first. */
export async function targetsChart({ targets, currency }: Summary): Promise<string> {
  const values = targets.flatMap(({ name, kinds }) =>
    kinds.map(({ kind, amount }) => ({ name, kind, amount: Number(amount), order: lineKinds.indexOf(kind) })),
  )
  const shown = lineKinds.filter((kind) => values.some((value) => value.kind === kind))
  return draw({
    width: 560,
    height: Math.max(targets.length, 1) * 24,
    autosize: { type: 'pad' },
    data: [
      {
        name: 'parts',
        values,
        transform: [
          { type: 'stack', groupby: ['name'], field: 'amount', sort: { field: 'order' }, as: ['from', 'to'] },
        ],
      },
      {
        name: 'order',
        source: 'parts',
        transform: [
          { type: 'aggregate', groupby: ['name'], ops: ['sum'], fields: ['amount'], as: ['total'] },
          { type: 'collect', sort: { field: 'total', order: 'descending' } },
        ],
      },
    ],
    scales: [
      { name: 'y', type: 'band', domain: { data: 'order', field: 'name' }, range: 'height', padding: 0.25 },
      {
        name: 'x',
        type: 'linear',
        domain: { data: 'parts', fields: ['from', 'to'] },
        range: 'width',
        nice: true,
        zero: true,
      },
      {
        name: 'colour',
        type: 'ordinal',
        domain: shown.map((kind) => kindNames[kind]),
        range: shown.map((kind) => palette[kind]),
      },
      { name: 'fill', type: 'ordinal', domain: [...shown], range: shown.map((kind) => palette[kind]) },
    ],
    axes: [
      { orient: 'left', scale: 'y', labelPadding: 6 },
      {
        orient: 'bottom',
        scale: 'x',
        grid: true,
        format: ',.0f',
        tickCount: 6,
        title: currency,
        titleColor: ink,
        titleFont: font,
        titleFontSize: 10,
        titleFontWeight: 'normal',
      },
    ],
    legends: [{ fill: 'colour', orient: 'top', direction: 'horizontal', columns: 4 }],
    marks: [
      {
        type: 'rect',
        from: { data: 'parts' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'from' },
            x2: { scale: 'x', field: 'to' },
            y: { scale: 'y', field: 'name' },
            height: { scale: 'y', band: 1 },
            fill: { scale: 'fill', field: 'kind' },
          },
        },
      },
    ],
  })
}

/** The months of the fiscal year since the first with cost, the budget as a line. */
export async function monthsChart({ months, budget, period }: Statement & { period: string }): Promise<string> {
  const first = months.findIndex(({ total }) => /[1-9]/.test(total))
  const values = months
    .slice(Math.max(first, 0))
    .map(({ period: month, total }) => ({ month: shortMonth(month), total: Number(total), now: month === period }))
  const planned = budget === null ? [] : [{ amount: Number(budget.amount) }]
  return draw({
    ...small,
    data: [
      { name: 'months', values },
      { name: 'budget', values: planned },
      {
        name: 'all',
        values: [...values.map(({ total }) => total), ...planned.map(({ amount }) => amount)].map((value) => ({
          value,
        })),
      },
    ],
    scales: [
      { name: 'x', type: 'band', domain: { data: 'months', field: 'month' }, range: 'width', padding: 0.3 },
      { name: 'y', type: 'linear', domain: { data: 'all', field: 'value' }, range: 'height', nice: true, zero: true },
    ],
    axes: [{ orient: 'bottom', scale: 'x', labelPadding: 6 }, amounts],
    marks: [
      {
        type: 'rect',
        from: { data: 'months' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'month' },
            width: { scale: 'x', band: 1 },
            y: { scale: 'y', field: 'total' },
            y2: { scale: 'y', value: 0 },
            fill: [{ test: 'datum.now', value: palette.direct }, { value: '#b9cdd9' }],
          },
        },
      },
      {
        type: 'rule',
        from: { data: 'budget' },
        encode: {
          enter: {
            x: { value: 0 },
            x2: { signal: 'width' },
            y: { scale: 'y', field: 'amount' },
            stroke: { value: palette.unallocated },
            strokeWidth: { value: 1.5 },
            strokeDash: { value: [4, 3] },
          },
        },
      },
    ],
  })
}

/** `2026-10` as `Oct`. */
function shortMonth(period: string): string {
  return new Date(`${period}-01T00:00:00Z`).toLocaleString('en', { month: 'short', timeZone: 'UTC' })
}

/** From list price to what it cost, step by step. */
export async function benefitChart({ benefit }: Statement): Promise<string> {
  const [list, contracted, effective] = [benefit.list, benefit.contracted, benefit.effective].map(Number) as [
    number,
    number,
    number,
  ]
  const values = [
    { step: 'List', from: 0, to: list, colour: '#b9cdd9' },
    { step: 'Negotiated', from: list, to: contracted, colour: palette.credit },
    { step: 'Commitments', from: contracted, to: effective, colour: palette.credit },
    { step: 'Effective', from: 0, to: effective, colour: palette.direct },
  ]
  return draw({
    ...small,
    data: [{ name: 'steps', values }],
    scales: [
      { name: 'x', type: 'band', domain: { data: 'steps', field: 'step' }, range: 'width', padding: 0.3 },
      {
        name: 'y',
        type: 'linear',
        domain: { data: 'steps', fields: ['from', 'to'] },
        range: 'height',
        nice: true,
        zero: true,
      },
    ],
    axes: [{ orient: 'bottom', scale: 'x', labelPadding: 6 }, amounts],
    marks: [
      {
        type: 'rect',
        from: { data: 'steps' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'step' },
            width: { scale: 'x', band: 1 },
            y: { scale: 'y', field: 'from' },
            y2: { scale: 'y', field: 'to' },
            fill: { field: 'colour' },
          },
        },
      },
    ],
  })
}
