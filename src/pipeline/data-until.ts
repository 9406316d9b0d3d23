import type { Session } from '../core/duckdb.ts'
import type { UnitRecord } from './state.ts'

/**
 * When the newest usage of the rows that were made begins. Usage only: a fee for a month begins with it, and says
 * nothing of how recent the data is.
 */
export async function readDataUntil(session: Session): Promise<Pick<UnitRecord, 'dataUntil'>> {
  const [newest] = await session.rows<{ data_until: string | null }>(`
    SELECT strftime(max(ChargePeriodStart), '%Y-%m-%dT%H:%M:%SZ') AS data_until
    FROM made
    WHERE ChargeCategory = 'Usage'`)
  return newest?.data_until ? { dataUntil: newest.data_until } : {}
}
