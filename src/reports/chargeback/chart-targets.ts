import { draw, font, ink, palette } from './draw.ts'
import { kindNames } from './lines.ts'
import { lineKinds, type Summary, type TargetRow } from './model.ts'

/** Who owes how much, and why: a bar for each target, the largest first. Amounts are lengths here, never printed. */
export async function targetsChart({ targets, currency }: Summary): Promise<string> {
  const bars = largest(targets)
  const values = bars.flatMap(({ name, kinds }) =>
    kinds.map(({ kind, amount }) => ({ name, kind, amount: Number(amount), order: lineKinds.indexOf(kind) })),
  )
  const shown = lineKinds.filter((kind) => values.some((value) => value.kind === kind))
  return draw({
    width: 560,
    height: Math.max(bars.length, 1) * 24,
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

/** As many bars as a page has room for. */
const mostBars = 20

/** The targets with the most cost; those that are left are one bar, which is drawn and hence need not be exact. */
function largest(targets: readonly TargetRow[]): readonly Pick<TargetRow, 'name' | 'kinds'>[] {
  if (targets.length <= mostBars) return targets
  const bySize = targets.toSorted((a, b) => Math.abs(Number(b.total)) - Math.abs(Number(a.total)))
  const left = bySize.slice(mostBars - 1)
  const kinds = lineKinds.flatMap((kind) => {
    const amounts = left.flatMap((target) => target.kinds.filter((part) => part.kind === kind))
    const amount = amounts.reduce((sum, part) => sum + Number(part.amount), 0)
    return amounts.length === 0 ? [] : { kind, amount: String(amount) }
  })
  return [...bySize.slice(0, mostBars - 1), { name: `${left.length} others`, kinds }]
}
