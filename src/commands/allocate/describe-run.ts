import { readCurrentAllocations } from '../../pipeline/allocate-record.ts'
import { unallocatedShares } from '../../pipeline/allocate-shares.ts'
import type { AllocationRun } from '../../pipeline/state.ts'
import type { Sink } from '../../sinks/sink.ts'
import { count, money, table } from '../table.ts'

/** What a run allocated, as a table: one line for each month and currency. */
export async function describeAllocation(run: AllocationRun | undefined, lake: Sink): Promise<string> {
  if (run === undefined) return ''
  if (run.failed !== undefined) return `Nothing was allocated: ${run.failed}`
  if (run.months.length === 0) return 'There is no month to allocate: `focal run` publishes them.'
  const shares = unallocatedShares(await readCurrentAllocations(lake))
  const rows = run.months.flatMap(({ period, result, rows: made, detail }) => {
    const ofMonth = shares.filter((share) => share.period === period)
    return (ofMonth.length > 0 ? ofMonth : [undefined]).map((share) => [
      period,
      result,
      made === undefined ? '' : count(made),
      share === undefined ? '' : money(share.total),
      share === undefined ? '' : money(share.unallocated),
      share?.percent ?? '',
      share?.currency ?? '',
      detail.split('\n')[0] ?? '',
    ])
  })
  const header = ['period', 'allocation', 'rows', 'effective', 'without owner', '%', 'currency', 'why']
  const warnings = run.warnings.map((warning) => `warning: ${warning}`)
  return [table(header, rows), ...describeCorrections(run), ...warnings, ...run.breaches.map(describeBreach)].join('\n')
}

function describeCorrections({ corrections }: AllocationRun): string[] {
  if (corrections === undefined) return []
  return [`corrections of closed months ${corrections.result}: ${corrections.detail.split('\n')[0] ?? ''}`]
}

function describeBreach({ period, currency, severity, percent, limit }: AllocationRun['breaches'][number]): string {
  const what = severity === 'fail' ? 'failed' : 'warning'
  return `${what}: ${percent} % of ${period} in ${currency} is without who caused it, more than ${limit} %`
}
