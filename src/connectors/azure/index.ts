import { UserError } from '../../core/errors.ts'
import type { Connector } from '../connector.ts'
import { openStore } from '../stores/open.ts'
import { openLocation } from './location/index.ts'
import type { AzurePlace } from './options.ts'

export const azure: Connector<AzurePlace> = {
  async open({ location, scope, ...rest }, context) {
    if (location !== undefined && scope === undefined) return openLocation(openStore(location, context), context)
    if (scope !== undefined && location === undefined) {
      const { openScope } = await import('./consumption/index.ts')
      return openScope({ ...rest, scope }, context)
    }
    throw new UserError(location === undefined ? 'the source names no export' : 'the source names two exports', {
      hint: 'Write either location: a folder of Cost Management exports, or scope: what the Consumption API is to read.',
    })
  },
}
