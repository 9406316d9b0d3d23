import { UserError } from '../../core/errors.ts'
import type { Connector } from '../connector.ts'
import { openStore } from '../stores/open.ts'
import { openCommitmentFiles } from './commitment-files.ts'
import { openFiles } from './location.ts'
import type { GcpPlace } from './options.ts'
import { openPricingFiles } from './pricing-files.ts'
import { withSideFiles } from './side-files.ts'

export const gcp: Connector<GcpPlace> = {
  async open(place, context) {
    refuseOtherPlace(place)
    const { location, table, commitments, pricing, ...rest } = place
    if (location !== undefined && table === undefined) {
      const bill = openFiles(openStore(location, context), context)
      const named =
        commitments === undefined ? bill : withSideFiles(bill, openCommitmentFiles(openStore(commitments, context)))
      return pricing === undefined
        ? named
        : withSideFiles(named, openPricingFiles(openStore(pricing, context), context))
    }
    if (table !== undefined && location === undefined) {
      const { openTable } = await import('./bigquery/index.ts')
      return openTable({ ...rest, table }, context)
    }
    throw new UserError(location === undefined ? 'the source names no export' : 'the source names two exports', {
      hint: 'Write either table: project.dataset.table, or location: a folder of files extracted from it.',
    })
  },
}

/** UserError for files named beside a table, or tables beside a folder: they would be passed over in silence. */
function refuseOtherPlace(place: GcpPlace): void {
  const pairs = [
    ['commitments', 'commitmentsTable'],
    ['pricing', 'pricingTable'],
  ] as const
  for (const [files, table] of pairs) {
    if (place.table !== undefined && place[files] !== undefined) throw misplaced(files, 'table', table)
    if (place.location !== undefined && place[table] !== undefined) throw misplaced(table, 'location', files)
  }
}

function misplaced(given: string, bill: string, wanted: string): UserError {
  return new UserError(`the source names ${given} beside ${bill}`, { hint: `Beside ${bill} write ${wanted}.` })
}
