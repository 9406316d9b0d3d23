import { UserError } from '../../core/errors.ts'
import { readAllocations } from '../../pipeline/allocate-record.ts'
import type { Sink } from '../../sinks/sink.ts'

/** UserError when the lake has nothing allocated yet. */
export async function requireAllocated(lake: Sink): Promise<void> {
  if ((await readAllocations(lake, 'allocated')).length > 0) return
  throw new UserError('nothing is allocated yet', {
    hint: 'Name the rules as allocation: in the configuration, then run `focal allocate`.',
  })
}
