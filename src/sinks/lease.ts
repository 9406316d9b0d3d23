import { UserError } from '../core/errors.ts'
import { expecting, type Bucket, type Expected, type Facts } from './bucket.ts'
import { acquiring, atWork, displaced, mayBeAlive, ownHolder, ownRuns, type Holder, type Waiting } from './holder.ts'
import type { LakeTuning } from './tuning.ts'

/** `_focal/lock.json` in a bucket. It stays there when it is released, for its generation counts on. */
interface LeaseFile extends Holder {
  /** Counts up with every holder. */
  readonly generation: number
  readonly released?: true
}

export interface Lease {
  /** Throws unless this run still holds the lake. Ask right before every step that others see. */
  check(): Promise<void>
}

const leaseKey = '_focal/lock.json'

/**
 * Runs `work` as the only run on the lake. Every change of holder is a conditional write, so that of two runs one has
 * it. A holder writes the lease again every `beatMs`; one that has not for `leaseMs`, by the store's clock, or whose
 * process on this machine is gone, is displaced, and finds out at its next `check`. LakeHeldError names the holder.
 */
export async function withLease<T>(
  bucket: Bucket,
  {
    runId,
    now,
    tuning,
    ...waiting
  }: Waiting & { readonly runId: string; readonly now: Date; readonly tuning: LakeTuning },
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const own = ownHolder(runId, now)
  ownRuns.add(runId)
  try {
    const held = await acquiring(() => acquire(bucket, own, tuning), tuning.pollMs, waiting)
    const beat = beating(bucket, held, tuning.beatMs)
    try {
      await refuseUnconditional(bucket, held.file)
      await bucket.endUploads()
      return await work({ check: () => check(bucket, held.file) })
    } finally {
      await release(bucket, held.file, await beat.stop())
    }
  } finally {
    ownRuns.delete(runId)
  }
}

interface Held {
  readonly file: LeaseFile
  readonly tag: string
}

async function acquire(bucket: Bucket, own: Holder, tuning: LakeTuning): Promise<Held> {
  for (;;) {
    const found = await readLease(bucket)
    if (found !== undefined && isHeld(found, tuning)) throw atWork(found.file, tuning.leaseMs)
    const file: LeaseFile = { ...own, generation: (found?.file.generation ?? 0) + 1 }
    const written = await bucket.put(leaseKey, bytesOf(file), expecting(found?.facts))
    if (written !== 'refused') return { file, tag: written.tag }
  }
}

function isHeld({ file, facts }: Found, { leaseMs }: LakeTuning): boolean {
  return file.released !== true && facts.ageMs <= leaseMs && mayBeAlive(file)
}

interface Found {
  readonly file: LeaseFile
  readonly facts: Facts
}

async function readLease(bucket: Bucket): Promise<Found | undefined> {
  const facts = await bucket.read(leaseKey)
  return facts === undefined ? undefined : { file: JSON.parse(facts.content.toString('utf8')) as LeaseFile, facts }
}

const bytesOf = (file: LeaseFile) => Buffer.from(`${JSON.stringify(file, null, 2)}\n`)

/** A read of the lease is as good as a write here: all three stores answer with what was written last. */
async function check(bucket: Bucket, own: LeaseFile): Promise<void> {
  const found = await readLease(bucket)
  if (found?.file.generation === own.generation && found.file.runId === own.runId && found.file.released !== true)
    return
  throw displaced(own.runId, found?.file.released === true ? undefined : found?.file)
}

/** Says that the run is there, in the background. A beat that fails is made up for by the next. */
function beating(bucket: Bucket, { file, tag }: Held, everyMs: number) {
  let current = tag
  let last: Promise<void> = Promise.resolve()
  const say = async () => {
    const written = await bucket.put(leaseKey, bytesOf(file), { tag: current })
    if (written !== 'refused') current = written.tag
  }
  const timer = setInterval(() => {
    last = last.then(say).catch(() => undefined)
  }, everyMs).unref()
  return {
    async stop(): Promise<Expected> {
      clearInterval(timer)
      await last
      return { tag: current }
    },
  }
}

/** A lease that cannot be given back runs out; the work that was done stays done. */
async function release(bucket: Bucket, file: LeaseFile, expected: Expected): Promise<void> {
  await bucket.put(leaseKey, bytesOf({ ...file, released: true }), expected).catch(() => undefined)
}

/** Two writers could both win at a store that takes a condition and does not look at it. */
async function refuseUnconditional(bucket: Bucket, file: LeaseFile): Promise<void> {
  if ((await bucket.put(leaseKey, bytesOf(file), 'absent')) === 'refused') return
  throw new UserError(`${bucket.address} does not honour conditional writes`, {
    hint: 'Two runs could overwrite each other there. Use a store that knows If-None-Match and If-Match, or a local folder.',
  })
}
