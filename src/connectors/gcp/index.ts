import { UserError } from '../../core/errors.ts'
import type { Connector } from '../connector.ts'
import { openStore } from '../stores/open.ts'
import { openCommitmentFiles } from './commitment-files.ts'
import { openFiles } from './location.ts'
import type { GcpPlace } from './options.ts'
import { openPricingFiles } from './pricing-files.ts'
import { withSideFiles } from './side-files.ts'

export const gcp: Connector<GcpPlace> = {
  async open({ location, table, commitments, pricing, ...rest }, context) {
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
