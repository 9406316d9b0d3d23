import { describeError } from '../core/errors.ts'
import { send, wants, type Channel } from './channels.ts'
import type { Notice, NotifyWorld } from './notice.ts'
import { noticeRetryPolicy } from './post.ts'

/** The lake, as far as the outbox needs it. */
export interface OutboxStore {
  /** Writes a small file whole or not at all. */
  writeFile(name: string, content: string): Promise<void>
  readFile(name: string): Promise<Buffer | undefined>
}

/** A notice and where it has gone: `_focal/outbox/<key>.json`. */
export interface Posting {
  readonly notice: Notice
  /** By the name of the channel. */
  readonly sends: Readonly<Record<string, Sending>>
}

export interface Sending {
  /** `sending` is what a process that died leaves: the notice may have arrived. */
  readonly state: 'waiting' | 'sending' | 'sent' | 'given up'
  readonly attempts: number
  readonly lastError?: string
  /** ISO time of the last change. */
  readonly at: string
}

/** After a week nobody wants to hear of it any more. */
const keepTryingMs = 7 * 24 * 3600_000

const postingFile = (key: string) => `_focal/outbox/${key}.json`

export async function readPosting(store: OutboxStore, key: string): Promise<Posting | undefined> {
  const content = await store.readFile(postingFile(key))
  return content === undefined ? undefined : (JSON.parse(content.toString('utf8')) as Posting)
}

async function writePosting(store: OutboxStore, posting: Posting): Promise<void> {
  await store.writeFile(postingFile(posting.notice.key), `${JSON.stringify(posting, null, 2)}\n`)
}

/** Puts a notice into the outbox for every channel that wants it. One that is there already stays as it is. */
export async function post(
  store: OutboxStore,
  notice: Notice,
  channels: readonly Channel[],
): Promise<'posted' | 'there already' | 'nobody wants it'> {
  const wanted = channels.filter((channel) => wants(channel, notice))
  if (wanted.length === 0) return 'nobody wants it'
  if ((await readPosting(store, notice.key)) !== undefined) return 'there already'
  const fresh: Sending = { state: 'waiting', attempts: 0, at: notice.at }
  await writePosting(store, { notice, sends: Object.fromEntries(wanted.map(({ name }) => [name, fresh])) })
  return 'posted'
}

export interface DeliveryReport {
  /** Keys of notices that are still to go somewhere. */
  readonly open: readonly string[]
  /** One line for each that went out or did not, for people. */
  readonly lines: readonly string[]
}

/** What came of one notice at one channel. */
interface Told {
  readonly title: string
  readonly channel: string
  readonly sending: Sending
}

/**
 * Sends what the outbox holds under these keys. Each channel is told once: it is noted before and after. A channel that
 * fails keeps its notice, and the others get theirs. Call it while the lake is held, so that one process does it.
 */
export async function deliver(
  store: OutboxStore,
  keys: readonly string[],
  channels: readonly Channel[],
  world: NotifyWorld,
): Promise<DeliveryReport> {
  const told: Told[] = []
  const open: string[] = []
  for (const key of keys) {
    let posting = await readPosting(store, key)
    if (posting === undefined) continue
    for (const [name, sending] of Object.entries(posting.sends)) {
      if (isDone(sending)) continue
      const channel = channels.find((one) => one.name === name)
      const outcome = await deliverTo(store, posting, { name, channel, sending }, patienceWith(name, told, world))
      posting = { ...posting, sends: { ...posting.sends, [name]: outcome } }
      await writePosting(store, posting)
      told.push({ title: posting.notice.title, channel: name, sending: outcome })
    }
    if (Object.values(posting.sends).some((sending) => !isDone(sending))) open.push(key)
  }
  return { open, lines: describe(told) }
}

/** A channel that has just failed is asked once for each further notice: it may have been that one notice, or all. */
function patienceWith(channel: string, told: readonly Told[], world: NotifyWorld): NotifyWorld {
  const failed = told.some((before) => before.channel === channel && before.sending.state === 'waiting')
  return failed ? { ...world, policy: { ...(world.policy ?? noticeRetryPolicy), attempts: 1 } } : world
}

function isDone({ state }: Sending): boolean {
  return state === 'sent' || state === 'given up'
}

interface Leg {
  readonly name: string
  /** undefined when the configuration names it no more. */
  readonly channel: Channel | undefined
  readonly sending: Sending
}

async function deliverTo(
  store: OutboxStore,
  posting: Posting,
  { name, channel, sending }: Leg,
  world: NotifyWorld,
): Promise<Sending> {
  const { notice } = posting
  const at = world.now().toISOString()
  if (channel === undefined)
    return { ...sending, state: 'given up', lastError: 'the configuration has no such channel', at }
  const attempts = sending.attempts + 1
  const onItsWay: Sending = { state: 'sending', attempts, at }
  await writePosting(store, { ...posting, sends: { ...posting.sends, [name]: onItsWay } })
  try {
    await send({ notice, repeated: sending.state === 'sending' }, channel, world)
    return { state: 'sent', attempts, at: world.now().toISOString() }
  } catch (error) {
    world.signal?.throwIfAborted()
    const tooOld = world.now().getTime() - Date.parse(notice.at) > keepTryingMs
    return { state: tooOld ? 'given up' : 'waiting', attempts, lastError: describeError(error), at }
  }
}

/** A line for each notice that is done with, then one for each channel that is still to be told. */
function describe(told: readonly Told[]): string[] {
  const waiting = told.filter(({ sending }) => sending.state === 'waiting')
  return [
    ...told.flatMap(({ title, channel, sending: { state, lastError } }) =>
      state === 'sent'
        ? [`told ${channel}: ${title}`]
        : state === 'given up'
          ? [`${channel} was never told, and will not be: ${title} (${firstLine(lastError)})`]
          : [],
    ),
    ...[...Map.groupBy(waiting, ({ channel }) => channel)].map(([channel, notices]) => {
      const what = notices.length === 1 ? `yet: ${notices[0]?.title ?? ''}` : `of ${notices.length} notices yet`
      return `${channel} could not be told ${what} (${firstLine(notices[0]?.sending.lastError)})`
    }),
  ]
}

function firstLine(text = ''): string {
  return text.split('\n')[0] ?? ''
}
