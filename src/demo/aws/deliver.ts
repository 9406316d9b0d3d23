import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { quoteText, type Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { manifestColumns, writeDataFile } from './data-file.ts'
import { prepareBill, type Bill, type PreparedBill } from './bill.ts'
import { deliveryPaths, layoutFacts, type AwsLayout, type DeliveryPaths, type LayoutFacts } from './layouts.ts'
import { manifestText } from './manifests.ts'

export interface DeliveryRequest {
  readonly layout: AwsLayout
  readonly period: Period
  readonly delivery: 1 | 2
  readonly directory: string
  readonly seed: number
  readonly firstPeriod: Period
  readonly open: boolean
  readonly rows: number
  readonly rowsPerFile: number
  readonly granularity: 'hourly' | 'daily'
}

export interface PlannedDelivery {
  readonly layout: AwsLayout
  readonly facts: LayoutFacts
  readonly root: string
  readonly bill: Bill
  readonly id: string
  readonly deliveredAt: Date
  readonly paths: DeliveryPaths
  readonly parts: number
}

export interface WrittenDelivery {
  readonly layout: AwsLayout
  /** What a source's location names. */
  readonly location: string
  readonly period: Period
  /** Assembly or execution id. */
  readonly id: string
  /** Of the bill; the rows of a native FOCUS export are fewer. */
  readonly lineItems: number
  /** Relative to the location, in the manifest's order. */
  readonly files: readonly string[]
  readonly manifests: readonly string[]
}

export function planDelivery(request: DeliveryRequest): PlannedDelivery {
  const facts = layoutFacts(request.layout, request.granularity)
  const { seed, period, delivery } = request
  const id = uuid(`${seed}/${request.layout}/${period}/${delivery}`)
  const deliveredAt = deliveryTime(request)
  const fewest = facts.family === 'legacy' ? 2 : 1
  return {
    layout: request.layout,
    facts,
    root: join(request.directory, facts.root),
    bill: {
      organisation: facts.organisation,
      seed,
      period,
      firstPeriod: request.firstPeriod,
      rows: request.rows,
      state: request.open && delivery === 1 ? 'open' : 'final',
      restated: delivery > 1,
    },
    id,
    deliveredAt,
    paths: deliveryPaths(facts, period, id, deliveredAt),
    parts: Math.max(fewest, Math.ceil(request.rows / request.rowsPerFile)),
  }
}

/** What each session has prepared last: the parts of one delivery, and layouts of one organisation, share it. */
const prepared = new WeakMap<Session, { key: string; bill: PreparedBill }>()

async function billOf(session: Session, planned: PlannedDelivery): Promise<PreparedBill> {
  const key = JSON.stringify(planned.bill)
  const known = prepared.get(session)
  if (known?.key === key) return known.bill
  const bill = await prepareBill(session, planned.bill)
  prepared.set(session, { key, bill })
  return bill
}

/** Writes one data file. */
export async function writePart(session: Session, planned: PlannedDelivery, part: number): Promise<void> {
  const bill = await billOf(session, planned)
  await bill.selectPart({ part, parts: planned.parts })
  const target = join(planned.root, dataFile(planned, part))
  await mkdir(dirname(target), { recursive: true })
  await writeDataFile(session, planned.facts, target)
}

/** Writes the manifests, which AWS does when all data files are there. */
export async function finishDelivery(session: Session, planned: PlannedDelivery): Promise<WrittenDelivery> {
  const bill = await billOf(session, planned)
  const files = Array.from({ length: planned.parts }, (_, part) => dataFile(planned, part))
  const text = manifestText({
    layout: planned.facts,
    period: planned.bill.period,
    id: planned.id,
    payerAccount: await payerAccount(session),
    columns: await manifestColumns(session, planned.facts),
    files,
    deliveredAt: planned.deliveredAt,
  })
  for (const manifest of planned.paths.manifests) {
    await mkdir(dirname(join(planned.root, manifest)), { recursive: true })
    await writeFile(join(planned.root, manifest), text)
  }
  if (planned.facts.family === 'athena') await writeStatus(session, planned)
  const { layout, root, bill: facts, id, paths } = planned
  return {
    layout,
    location: root,
    period: facts.period,
    id,
    lineItems: bill.lineItems,
    files,
    manifests: paths.manifests,
  }
}

function dataFile(planned: PlannedDelivery, part: number): string {
  return `${planned.paths.dataFolder}/${fileName(planned, part)}`
}

function fileName({ facts }: PlannedDelivery, part: number): string {
  return `${facts.exportName}-${String(part + 1).padStart(5, '0')}.${facts.packing}`
}

async function payerAccount(session: Session): Promise<string> {
  const [payer] = await session.rows<{ id: string }>("SELECT id FROM accounts WHERE role = 'payer'")
  return payer?.id ?? ''
}

/** Beside the years AWS tells Athena's users whether the files are being overwritten. */
async function writeStatus(session: Session, { root, facts }: PlannedDelivery): Promise<void> {
  const folder = join(root, facts.prefix, facts.exportName, facts.exportName, 'cost_and_usage_data_status')
  await mkdir(folder, { recursive: true })
  await session.run(
    `COPY (SELECT 'READY' AS status) TO ${quoteText(join(folder, 'cost_and_usage_data_status.parquet'))} (FORMAT parquet, COMPRESSION snappy)`,
  )
}

/** The open month is delivered on its 22nd, a closed or restated one on the third of the next month. */
function deliveryTime({ period, open, delivery }: DeliveryRequest): Date {
  const [year = 0, month = 1] = period.split('-').map(Number)
  return open && delivery === 1
    ? new Date(Date.UTC(year, month - 1, 22, 6, 15))
    : new Date(Date.UTC(year, month, 3, 6, 15))
}

/** A UUID that looks random and depends on the text alone. */
function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
