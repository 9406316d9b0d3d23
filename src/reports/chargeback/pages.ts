import type { Chargeback } from './model.ts'
import type { Page } from './document.ts'
import { statementPage } from './page-statement.ts'
import { summaryPage } from './page-summary.ts'

/** The report as people read it: the controller's page of each currency, then a page for each statement. */
export async function chargebackPages(chargeback: Chargeback): Promise<Page[]> {
  const pages: Page[] = []
  for (const summary of chargeback.summaries) pages.push(await summaryPage(summary, chargeback))
  for (const statement of chargeback.statements) pages.push(await statementPage(statement, chargeback))
  return pages
}
