import { csvOf } from '../sheet.ts'
import type { Chargeback } from './model.ts'
import { detailSheet } from './sheets.ts'

/** Formats of a chargeback by their file name's ending. What draws and typesets is loaded when it is asked for. */
export const renderers = {
  json: (chargeback: Chargeback) => `${JSON.stringify(chargeback, null, 2)}\n`,
  csv: (chargeback: Chargeback) => csvOf(detailSheet(chargeback)),
  xlsx: async (chargeback: Chargeback) => (await import('./workbook.ts')).chargebackWorkbook(chargeback),
  html: async (chargeback: Chargeback) => {
    const { chargebackPages } = await import('./pages.ts')
    const { htmlReport } = await import('./html.ts')
    return htmlReport(titleOf(chargeback), await chargebackPages(chargeback))
  },
  pdf: async (chargeback: Chargeback) => {
    const { chargebackPages } = await import('./pages.ts')
    const { pdfReport } = await import('./pdf.ts')
    const { asOf, runId } = chargeback
    const foot = `${titleOf(chargeback)} · run ${runId.slice(0, 12)}`
    return pdfReport(await chargebackPages(chargeback), { title: titleOf(chargeback), asOf, foot })
  },
} satisfies Record<string, (chargeback: Chargeback) => Rendered | Promise<Rendered>>

export type Rendered = string | Uint8Array
export type ReportFormat = keyof typeof renderers

function titleOf({ period, state }: Chargeback): string {
  return `Chargeback ${period}${state === 'closed' ? '' : `, ${state}`}`
}
