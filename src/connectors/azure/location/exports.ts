import { UserError } from '../../../core/errors.ts'
import type { Period } from '../../../core/period.ts'
import type { ConnectorContext, Delivery } from '../../connector.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { fingerprint, packing, waiting } from './delivered.ts'
import type { Layout } from './index.ts'
import { monthFolders, notAMonth, type MonthFolders } from './month-folders.ts'
import { newestRun, type Run, type RunFound } from './runs.ts'

/** One export of the location: its folder, the dataset it writes, and its months. */
interface Export extends MonthFolders {
  readonly folder: string
  readonly type: string | undefined
  readonly scope: string | undefined
}

/** Datasets that are the charges; the others help to read them, or are left alone. */
const isCharges = (type: string | undefined) =>
  type === undefined || /^(ActualCost|AmortizedCost|Usage|FocusCost)$/i.test(type)
const isHelpful = (type: string | undefined) => /^(PriceSheet|ReservationDetails)$/i.test(type ?? '')

/**
 * Cost Management exports: each has a folder, with one folder below it for each month. The actual and the amortized
 * cost of a scope together are one delivery of a month.
 */
export function exportsLayout(
  store: ObjectStore,
  folders: readonly string[],
  { notice }: Pick<ConnectorContext, 'notice'>,
): Layout {
  let known: Promise<Export[]> | undefined
  const exports = () => (known ??= openExports(store, folders, notice))
  return {
    async periods() {
      const charges = (await exports()).filter(({ type }) => isCharges(type))
      return [...new Set(charges.flatMap(({ months, others }) => [...months.keys(), ...others.keys()]))].toSorted()
    },
    async delivery(period) {
      return deliverMonth(store, await exports(), period)
    },
  }
}

/** UserError when the exports are not those of one set of charges. */
async function openExports(
  store: ObjectStore,
  folders: readonly string[],
  notice: ConnectorContext['notice'],
): Promise<Export[]> {
  const exports: Export[] = []
  for (const folder of folders) {
    const { months, others } = await monthFolders(store, folder)
    for (const path of new Set([...others.values()].flat())) {
      notice?.(`${path} is passed over: its dates are not those of one calendar month`)
    }
    const run = await anyRun(store, months)
    exports.push({ folder, months, others, type: run?.type, scope: run?.scope })
  }
  refuseRivals(
    store,
    exports.filter(({ type }) => isCharges(type)),
  )
  return exports
}

/** A run that tells what the export is: the newest that is complete. */
async function anyRun(store: ObjectStore, months: ReadonlyMap<Period, string>): Promise<Run | undefined> {
  for (const period of [...months.keys()].toSorted().toReversed()) {
    const folder = months.get(period) ?? ''
    const run = await newestRun(store, folder)
    if (!('waiting' in run)) return run
  }
  return undefined
}

/** `Usage` is what actual cost was called before amortized cost could be exported. */
function label(type: string | undefined): string {
  return /^usage$/i.test(type ?? '') ? 'ActualCost' : (type ?? 'unknown')
}

function refuseRivals(store: ObjectStore, charges: readonly Export[]): void {
  for (const [index, one] of charges.entries()) {
    for (const other of charges.slice(index + 1)) {
      const places = `${one.folder || '.'} and ${other.folder || '.'}`
      const types = [label(one.type), label(other.type)]
      if (types[0] === types[1] && types[0] !== 'unknown') {
        throw new UserError(`${store.location} holds two exports of ${types[0]}: ${places}`, {
          hint: 'Write one source for each, and point its location at one of these folders.',
        })
      }
      if (types.includes('FocusCost')) {
        throw new UserError(`${store.location} holds the same charges twice, as FOCUS and as cost: ${places}`, {
          hint: 'Point the location at one of these folders.',
        })
      }
      if (one.scope !== undefined && other.scope !== undefined && one.scope !== other.scope) {
        throw new UserError(`${store.location} holds exports of two scopes: ${places}`, {
          hint: `One covers ${one.scope}, the other ${other.scope}. Write one source for each.`,
        })
      }
    }
  }
}

async function deliverMonth(store: ObjectStore, exports: readonly Export[], period: Period): Promise<Delivery> {
  const runs: Run[] = []
  for (const one of exports.filter(({ type }) => isCharges(type))) {
    const others = one.others.get(period)
    if (others !== undefined && !one.months.has(period)) throw notAMonth(period, others)
    const found = await runOf(store, one, period)
    // An export that was set up later has nothing to say of the months before.
    if (found === undefined) continue
    if ('waiting' in found) return waiting(period, found.waiting)
    runs.push(found)
  }
  if (runs.length === 0) return waiting(period, `not complete: no folder for ${period} yet`)
  for (const one of exports.filter(({ type }) => isHelpful(type))) {
    const found = await runOf(store, one, period)
    if (found !== undefined && !('waiting' in found)) runs.push(found)
  }
  return toDelivery(period, runs)
}

async function runOf(
  store: ObjectStore,
  { folder, type, months }: Export,
  period: Period,
): Promise<RunFound | undefined> {
  const month = months.get(period)
  if (month !== undefined) return newestRun(store, month)
  const first = [...months.keys()].toSorted()[0]
  if (first === undefined || period < first) return undefined
  return { waiting: `not complete: the ${type ?? 'cost'} export in ${folder || '.'} has nothing for ${period} yet` }
}

function toDelivery(period: Period, runs: readonly Run[]): Delivery {
  const files: ObjectInfo[] = runs.flatMap(({ files: data }) => data)
  const manifests = runs.flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]))
  const ids = runs.map((run) => run.id)
  const types = runs.map(({ type }) => type ?? 'cost').join(' + ')
  return {
    period,
    // Run ids are GUIDs: several of them in full would be no name to read.
    id: ids.length === 1 ? (ids[0] ?? '') : ids.map((id) => id.slice(0, 8)).join('+'),
    fingerprint: fingerprint(ids.join('+'), files),
    layout: `Cost Management export, ${types}, ${packing(files)}`,
    files: [...files, ...manifests],
  }
}
