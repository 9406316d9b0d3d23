import { createRequire } from 'node:module'
import type { Content, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import type { Block, Page, Table } from './document.ts'

const require = createRequire(import.meta.url)

/** What the PDF says of itself; its dates are the report's, so that the same report gives the same file. */
export interface PdfFacts {
  readonly title: string
  /** ISO time. */
  readonly asOf: string
  /** At the foot of every page. */
  readonly foot: string
}

/** A4 pages with numbers; each page of the report begins a new one, and tables repeat their header. */
export async function pdfReport(pages: readonly Page[], facts: PdfFacts): Promise<Uint8Array> {
  const pdfmake = (await import('pdfmake')).default
  pdfmake.setFonts(require('pdfmake/fonts/Roboto.js') as Parameters<typeof pdfmake.setFonts>[0])
  // Nothing is fetched, and no file is read but the fonts.
  pdfmake.setUrlAccessPolicy(() => false)
  pdfmake.setLocalAccessPolicy((file) => file.endsWith('.ttf'))
  return pdfmake.createPdf(definition(pages, facts)).getBuffer()
}

const soft = '#5b6770'
const line = '#d7dde1'

function definition(pages: readonly Page[], { title, asOf, foot }: PdfFacts): TDocumentDefinitions {
  return {
    info: { title, creator: 'focal', producer: 'focal', creationDate: new Date(asOf) },
    pageSize: 'A4',
    pageMargins: [42, 44, 42, 50],
    defaultStyle: { font: 'Roboto', fontSize: 8.5, color: '#20292f', lineHeight: 1.1 },
    footer: (current, count) => ({
      columns: [
        { text: foot, alignment: 'left' },
        { text: `${current} / ${count}`, alignment: 'right', width: 60 },
      ],
      margin: [42, 18, 42, 0],
      fontSize: 7.5,
      color: soft,
    }),
    content: pages.map((page, at) => pageContent(page, at > 0)),
  }
}

function pageContent({ title, subtitle, blocks }: Page, breakBefore: boolean): Content {
  return {
    stack: [
      { text: subtitle, color: soft, ...(breakBefore ? { pageBreak: 'before' as const } : {}) },
      { text: title, fontSize: 17, bold: true, margin: [0, 0, 0, 10] },
      ...blocks.map(blockContent),
    ],
  }
}

function blockContent(block: Block): Content {
  switch (block.type) {
    case 'facts':
      return {
        columns: block.facts.map(([name, value]) => ({ stack: [{ text: name, color: soft, fontSize: 7.5 }, value] })),
        columnGap: 12,
        margin: [0, 0, 0, 10],
      }
    case 'numbers':
      return {
        table: {
          widths: block.numbers.map(() => '*'),
          body: [
            block.numbers.map(({ label, value, note }) => ({
              stack: [
                { text: label, color: soft, fontSize: 7.5 },
                { text: value, fontSize: 12, bold: true },
                { text: note ?? ' ', color: soft, fontSize: 7.5 },
              ],
            })),
          ],
        },
        layout: { ...bare, fillColor: () => '#f1f5f8' },
        margin: [0, 0, 0, 12],
      }
    case 'figures':
      return {
        columns: block.figures.map(({ caption, svg, span }) => ({
          stack: [
            { text: caption, bold: true, margin: [0, 0, 0, 4] },
            { svg, width: span === 2 ? 500 : 236 },
          ],
        })),
        columnGap: 20,
        margin: [0, 0, 0, 12],
      }
    case 'table':
      return tableContent(block)
    case 'note':
      return { text: block.text, color: soft, fontSize: 7.5 }
  }
}

const bare = {
  hLineWidth: () => 0,
  vLineWidth: () => 0,
  paddingLeft: () => 8,
  paddingRight: () => 8,
  paddingTop: () => 6,
  paddingBottom: () => 6,
}

/** So many rows are moved to the next page rather than cut in two. */
const shortTable = 12

function tableContent({ caption, columns, rows }: Table): Content {
  const header = columns.map(({ header: text, align }) => ({
    text,
    alignment: align,
    noWrap: align === 'right',
    color: soft,
    fontSize: 7.5,
  }))
  const body = rows.map(({ cells, role }) =>
    cells.map((text, at): TableCell => ({
      text,
      alignment: columns[at]?.align ?? 'left',
      noWrap: columns[at]?.align === 'right',
      bold: role !== undefined,
      ...(role === 'group' ? { margin: [0, 4, 0, 0] as [number, number, number, number] } : {}),
    })),
  )
  const isTotal = (index: number) => rows[index - 1]?.role === 'total'
  return {
    unbreakable: rows.length <= shortTable,
    stack: [
      { text: caption, bold: true, margin: [0, 0, 0, 3] },
      {
        table: {
          headerRows: 1,
          dontBreakRows: true,
          keepWithHeaderRows: 1,
          widths: widthsOf(columns),
          body: [header, ...body],
        },
        layout: {
          hLineWidth: (index) => (index === 0 || index > rows.length ? 0 : 0.5),
          vLineWidth: () => 0,
          hLineColor: (index) => (index === 1 || isTotal(index) ? '#20292f' : line),
          paddingLeft: (index) => (index === 0 ? 0 : 8),
          paddingRight: () => 0,
          paddingTop: () => 2.5,
          paddingBottom: () => 2.5,
        },
        margin: [0, 0, 0, 12],
      },
    ],
  }
}

/** Texts share what the numbers leave. */
function widthsOf(columns: Table['columns']): ('*' | 'auto')[] {
  const hasText = columns.some(({ align }) => align === 'left')
  return columns.map(({ align }) => (align === 'left' || !hasText ? '*' : 'auto'))
}
