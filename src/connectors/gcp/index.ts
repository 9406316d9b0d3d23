import { UserError } from '../../core/errors.ts'
import type { Connector } from '../connector.ts'
import { openStore } from '../stores/open.ts'
import { openFiles } from './location.ts'
import type { GcpPlace } from './options.ts'

export const gcp: Connector<GcpPlace> = {
  async open({ location, table, ...rest }, context) {
    if (location !== undefined && table === undefined) return openFiles(openStore(location, context), context)
    if (table !== undefined && location === undefined) {
      const { openTable } = await import('./bigquery/index.ts')
      return openTable({ ...rest, table }, context)
    }
    throw new UserError(location === undefined ? 'the source names no export' : 'the source names two exports', {
      hint: 'Write either table: project.dataset.table, or location: a folder of files extracted from it.',
    })
  },
}
