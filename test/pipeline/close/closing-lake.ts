import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Finance } from '../../../src/config/finance.ts'
import type { CloseContext } from '../../../src/pipeline/close/books.ts'
import { closeMonth, type CloseOutcome } from '../../../src/pipeline/close/close.ts'
import { runAllocation } from '../../../src/pipeline/allocate.ts'
import type { RunRecord } from '../../../src/pipeline/state.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { writeRules, type TinyRules } from '../allocation-rules.ts'
import { deliver, type Charge } from '../tiny-bill.ts'
import { workbench, type Workbench } from '../workbench.ts'

export const payments = '222233334444'
export const search = '333344445555'

/** A lake whose months are closed: 2 USD of payments', 3 of search's, and 10 of a shared service, 60 to 40. */
export interface ClosingLake extends Workbench {
  deliver(period: string, id: string, charges?: readonly Charge[]): void
  rules(rules?: TinyRules): void
  /** What `focal run` does; gives what became of allocation. */
  publish(): Promise<RunRecord['allocation']>
  allocate(): Promise<RunRecord['allocation']>
  context(finance?: Partial<Finance>): Promise<CloseContext>
  close(period: string, by: string, to?: 'preliminary' | 'review' | 'closed'): Promise<CloseOutcome>
  /** Prepared and reviewed by anna, approved by bert. */
  closeWhole(period: string): Promise<void>
}

export const month: readonly Charge[] = [
  { cost: '2', account: payments },
  { cost: '3', account: search },
  { cost: '10', account: payments, service: 'AmazonEC2' },
]

let runs = 0

export function closingLake(folder: string): ClosingLake {
  const bench = workbench(folder)
  bench.configure({ top: ['allocation: ./allocation.yaml', 'periods: 12'] })
  writeRules(folder)
  const context = async (finance?: Partial<Finance>): Promise<CloseContext> => {
    runs += 1
    const config = await bench.config()
    const own = finance === undefined ? config : { ...config, finance: { ...config.finance, ...finance } as Finance }
    const now = () => new Date('2026-11-20T08:00:00Z')
    return { config: own, lake: localSink(bench.lake), runId: `close-${process.pid}-${runs}`, now, env: {} }
  }
  const close: ClosingLake['close'] = async (period, by, to) => closeMonth(await context(), { period, by, to })
  return {
    ...bench,
    context,
    close,
    deliver: (period, id, charges = month) => deliver(bench.bills, { period, id, charges }),
    rules: (rules) => writeRules(folder, rules),
    publish: async () => (await bench.record()).allocation,
    allocate: async () => (await runAllocation({ ...(await context()), report: () => undefined }, {})).allocation,
    async closeWhole(period) {
      await close(period, 'anna', 'review')
      await close(period, 'bert')
    },
  }
}

/** Another lake with the same bills and the same months in it. */
export function copyOf(template: ClosingLake, folder: string): ClosingLake {
  const made = closingLake(folder)
  rmSync(made.bills, { recursive: true })
  cpSync(template.bills, made.bills, { recursive: true, preserveTimestamps: true })
  cpSync(template.lake, made.lake, { recursive: true })
  cpSync(path.join(template.folder, 'allocation.yaml'), path.join(folder, 'allocation.yaml'))
  return made
}
