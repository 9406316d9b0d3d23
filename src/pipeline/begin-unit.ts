import { stat } from 'node:fs/promises'
import type { Delivery } from '../connectors/connector.ts'
import { describeError, placed } from '../core/errors.ts'
import type { Period } from '../core/period.ts'
import type { RunContext, SourceUnit } from './context.ts'
import type { Engine, EngineRoom } from './engine-room.ts'
import { decide, type Decision } from './plan.ts'
import { hasSettled } from './settlement.ts'
import { readUnit, writeUnit, type RunRecord } from './state.ts'
import { bringUnit, publishUnit, type BroughtUnit } from './unit.ts'

export type UnitResult = RunRecord['units'][number]

/** Whether a unit is published that is up to date, and whether anything is. */
export interface Wish {
  readonly full?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

/** What is known of a source whose months are looked at. */
export type OpenedSource = Pick<SourceUnit, 'source' | 'origin' | 'transform' | 'transformPrint'>

/** A unit of which it is decided what becomes of it. */
export interface BegunUnit {
  readonly source: string
  /** Undefined when the unit failed before it was known. */
  readonly delivery: Delivery | undefined
  /** Never rejects; undefined when the run was aborted. */
  readonly result: Promise<UnitResult | undefined>
}

/** Decides what becomes of a unit, brings its files if they are wanted, and resolves when its rows are being made. */
export async function beginUnit(
  context: RunContext,
  wish: Wish,
  own: OpenedSource,
  period: Period,
  room: EngineRoom,
): Promise<BegunUnit> {
  const { report, signal } = context
  const source = own.source.name
  const place = { source, period }
  const fail = (error: unknown): UnitResult | undefined => {
    if (signal?.aborted) return undefined
    report({ type: 'unit-failed', ...place, error: placed(error, place) })
    return { ...place, result: 'failed', detail: describeError(error) }
  }
  let delivery: Delivery | undefined
  try {
    signal?.throwIfAborted()
    const { decision, unit } = await planUnit(context, wish, own, period)
    report({ type: 'unit-planned', ...place, ...decision })
    delivery = unit.delivery
    if (wish.dryRun) return { source, delivery, result: Promise.resolve(wouldBe(decision, place)) }
    if (decision.action !== 'publish') return { source, delivery, result: leave(context, decision, unit).catch(fail) }
    const brought = await bringUnit(context, unit)
    const { done } = await room.begin(await packedSizeOf(brought), (engine) =>
      publish(context, brought, decision, engine).catch(fail),
    )
    return { source, delivery, result: done }
  } catch (error) {
    return { source, delivery, result: Promise.resolve(fail(error)) }
  }
}

/** In bytes, as if every file were packed: plain csv and JSON are packed to about a tenth. */
async function packedSizeOf({ files }: BroughtUnit): Promise<number> {
  const sizes = files.map(async ({ path }) => {
    // Who reads a file that is gone by now says so better.
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    return /\.(csv|json|jsonl|ndjson)$/i.test(path) ? size / 10 : size
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function planUnit(context: RunContext, wish: Wish, own: OpenedSource, period: Period) {
  const { lake } = context
  const delivery = await own.origin.delivery(period)
  const published = await readUnit(lake, own.source.name, period)
  const place = { dataset: 'focus', period, source: own.source.name }
  const partition = await lake.partitionState(place, published?.partition.bytes ?? 0)
  const decision = decide({
    delivery,
    published,
    partition,
    transform: own.transformPrint,
    full: wish.full ?? false,
  })
  const unit: SourceUnit = { ...own, delivery, published, partition, today: context.now() }
  return { decision, unit }
}

type Place = Pick<UnitResult, 'source' | 'period'>

function wouldBe({ action, reason }: Decision, place: Place): UnitResult {
  if (action === 'publish') return { ...place, result: 'published', detail: `would publish: ${reason}` }
  return { ...place, result: action === 'wait' ? 'waiting' : 'up to date', detail: reason }
}

async function leave(context: RunContext, decision: Decision, unit: SourceUnit): Promise<UnitResult> {
  if (decision.action === 'up to date') await closeSettled(context, unit)
  return wouldBe(decision, { source: unit.source.name, period: unit.delivery.period })
}

async function publish(
  context: RunContext,
  brought: BroughtUnit,
  { reason }: Decision,
  engine: Engine,
): Promise<UnitResult> {
  const record = await publishUnit(context, brought, engine)
  context.report({ type: 'unit-published', record })
  return { source: record.source, period: record.period, result: 'published', detail: reason, rows: record.rows }
}

/** A month whose last delivery has come closes as time goes by; nothing else of its record changes. */
async function closeSettled({ lake }: RunContext, { published, today }: SourceUnit): Promise<void> {
  if (published !== undefined && hasSettled(published, today)) await writeUnit(lake, { ...published, status: 'closed' })
}
