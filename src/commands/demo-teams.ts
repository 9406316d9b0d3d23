import { DataError } from '../core/errors.ts'
import type { Period } from '../core/period.ts'
import { readBeside } from '../core/sql.ts'
import { requireAllocated } from './allocate/require.ts'
import type { Configured } from './configured.ts'
import { openLake } from './lake-session.ts'
import { money, table } from './table.ts'

interface TeamTotal {
  readonly target: string
  readonly name: string
  readonly currency: string
  readonly direct: string
  readonly shared: string
  readonly resting: string
  readonly total: string
}

/** Each team's part of a month. DataError when what is allocated is not what was charged, to the last digit. */
export async function describeTeams(made: Configured, period: Period, signal: AbortSignal): Promise<string> {
  await requireAllocated(made.lake)
  const session = await openLake(made, signal)
  try {
    const [differs] = await session.rows<{ period: string; source: string }>(
      readBeside(import.meta.url, 'demo-totals.sql'),
    )
    if (differs !== undefined) throw new DataError('what is allocated is not what was charged', { where: differs })
    const teams = await session.rows<TeamTotal>(readBeside(import.meta.url, 'demo-teams.sql'), { period })
    const rows = teams.map(({ target, name, direct, shared, resting, total, currency }) => [
      target,
      name,
      ...[direct, shared, resting, total].map(money),
      currency,
    ])
    return [
      table(['target', 'name', 'its own', 'shares of pools', 'nobody caused', 'owes', 'currency'], rows),
      '',
      'Every month, source and currency sums to what was charged, to the last digit.',
    ].join('\n')
  } finally {
    session.close()
  }
}
