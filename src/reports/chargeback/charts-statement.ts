import type { Axis } from 'vega'
import { draw, palette } from './draw.ts'
import type { Statement } from './model.ts'

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

/** The months of the fiscal year since the first with cost, the budget as a line. Amounts are heights here, never printed. */
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
