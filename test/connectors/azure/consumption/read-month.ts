import { openScope, scopeOptions } from '../../../../src/connectors/azure/consumption/index.ts'
import { accessTo } from './fake-consumption.ts'

/** Reads one month of a fake API on the third of February 2025, as a process that can be killed. */
const [address = '', cacheDirectory = '', scope = '', period = ''] = process.argv.slice(2)
const now = () => new Date('2025-02-03T12:00:00Z')
const context = { cacheDirectory, baseDirectory: '/', env: {}, now }
const source = await openScope(scopeOptions.parse({ scope }), context, accessTo(address))
await source.delivery(period)
