import { deliver, keepsIncidents, post, type Channel, type Notice, type NoticeKind } from '../../notify/index.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readTold, writeTold } from './state.ts'
import { workOutNotices, type Facts } from './work-out.ts'

export interface TellContext {
  readonly lake: Sink
  readonly channels: readonly Channel[]
  /** Kinds that the job lets out; others are taken for told. */
  readonly kinds: readonly NoticeKind[]
  readonly runId: string
  readonly now: () => Date
  readonly signal?: AbortSignal | undefined
}

/**
 * Works out what is to be told, puts it into the outbox, notes that, and sends what the outbox holds. In this order a
 * process may die anywhere: what was not noted is worked out again under the same keys, and what was not sent is sent
 * by the next. Gives back lines for people. RetryableError when another run holds the lake; nothing is lost then.
 */
export async function tell(facts: Omit<Facts, 'now'>, context: TellContext): Promise<readonly string[]> {
  const { lake, channels, runId, now, signal } = context
  return lake.hold(runId, now(), async () => {
    const before = await readTold(lake)
    const { notices, told } = workOutNotices({ ...facts, now: now() }, before)
    const open = new Set(before.open)
    for (const notice of notices) {
      const readers = readersOf(notice, context)
      if ((await post(lake, notice, readers)) !== 'nobody wants it') open.add(notice.key)
    }
    await writeTold(lake, { ...told, open: [...open] })
    const report = await deliver(lake, [...open], channels, { now, signal })
    if (open.size > 0) await writeTold(lake, { ...told, open: report.open })
    return report.lines
  })
}

/** What the job does not let out goes to nobody; but an incident that it opened is resolved. */
function readersOf({ kind, over }: Notice, { channels, kinds }: TellContext): readonly Channel[] {
  if (kinds.some((one) => one === kind)) return channels
  return over ? channels.filter(keepsIncidents) : []
}
