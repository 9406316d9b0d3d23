import { deliver } from '../../src/notify/index.ts'
import { localSink } from '../../src/sinks/local.ts'
import { failedRun } from './notices.ts'

/** Sends the notice of the tests from a process of its own. Arguments: the lake and the address of a Slack. */
const [folder = '', url = ''] = process.argv.slice(2)
await deliver(localSink(folder), [failedRun().key], [{ name: 'ops', type: 'slack', url }], { now: () => new Date() })
