import { extensionColumns, focusSchema, focusVersions, type FocusType } from '../../../core/focus.ts'
import type { Scope, ValueType } from '../expression/check.ts'

const valueTypes: Readonly<Record<FocusType, ValueType>> = {
  string: 'text',
  decimal: 'number',
  datetime: 'time',
  json: 'json',
}

/**
 * What an expression may read of a charge: the columns of every FOCUS version, since rules outlive one (those that a lake
 * does not have are null), the x_ columns, and `source`, the name of the configured source.
 */
export function chargeColumns(): Scope {
  const columns = [...focusVersions.flatMap((version) => focusSchema(version).columns), ...extensionColumns()]
  return new Map<string, ValueType>([
    ...columns.map(({ id, type }) => [id, valueTypes[type]] as const),
    ['source', 'text'],
  ])
}
