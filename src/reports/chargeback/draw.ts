import { parse, View, type Spec } from 'vega'
import type { LineKind } from './model.ts'

/** Of kinds of lines. */
export const palette: Readonly<Record<LineKind, string>> = {
  direct: '#1f5673',
  shared: '#6fa8c9',
  idle: '#e0b04c',
  unallocated: '#c4614f',
  credit: '#6f9f7a',
  tax: '#8f949b',
  adjustment: '#8d70ae',
}

export const ink = '#3c464d'
export const font = 'Roboto, "Segoe UI", Helvetica, Arial, sans-serif'
const config = {
  axis: { labelColor: ink, labelFont: font, labelFontSize: 10, domain: false, ticks: false, gridColor: '#e3e7ea' },
  legend: { labelColor: ink, labelFont: font, labelFontSize: 10, labelLimit: 0, symbolType: 'square' },
  text: { fill: ink, font, fontSize: 10 },
}

/**
 * A chart as SVG text, drawn without a browser. Lengths are pixels. Amounts come as doubles: a bar is no more exact than a
 * pixel, and no figure that is printed is taken from a chart.
 */
export async function draw(spec: Spec): Promise<string> {
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
