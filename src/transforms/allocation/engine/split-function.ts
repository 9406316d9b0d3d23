import { DECIMAL, DuckDBDecimalValue, DuckDBListValue, DuckDBScalarFunction, INTEGER, LIST } from '@duckdb/node-api'
import { largestRemainder } from './exact.ts'

/** How a charge is cut: one weight for each part, in the parts' order. */
export interface Split {
  readonly weights: readonly bigint[]
  readonly total: bigint
}

const amountType = DECIMAL(38, 18)

/** Bills repeat amounts (zero before all, and one cost for all four): so many are remembered for each split. */
const remembered = 4096

/**
 * `split_amount(amount, split_id)` for SQL: the parts of a DECIMAL(38,18), in the order of the split's weights; null
 * of null. It is a function of ours since products of amounts and weights outgrow the engine's 128 bits, and because
 * its division of 128-bit numbers takes several times as long as a BigInt's.
 */
export function splitFunction(splits: readonly Split[]): DuckDBScalarFunction {
  const known = new Map<number, Map<bigint, DuckDBListValue>>()
  const partsOf = (amount: bigint, id: number): DuckDBListValue => {
    const amounts = known.get(id) ?? new Map<bigint, DuckDBListValue>()
    known.set(id, amounts)
    const found = amounts.get(amount)
    if (found !== undefined) return found
    const parts = cut(amount, id, splits)
    if (amounts.size < remembered) amounts.set(amount, parts)
    return parts
  }
  return DuckDBScalarFunction.create({
    name: 'split_amount',
    parameterTypes: [amountType, INTEGER],
    returnType: LIST(amountType),
    mainFunction: (_info, rows, result) => {
      const amounts = rows.getColumnVector(0)
      const ids = rows.getColumnVector(1)
      for (let row = 0; row < rows.rowCount; row++) {
        const amount = amounts.getItem(row)
        const id = ids.getItem(row)
        const isSplit = amount instanceof DuckDBDecimalValue && typeof id === 'number'
        result.setItem(row, isSplit ? partsOf(amount.value, id) : null)
      }
      result.flush()
    },
  })
}

function cut(amount: bigint, id: number, splits: readonly Split[]): DuckDBListValue {
  const split = splits[id]
  if (split === undefined) throw new RangeError(`there is no split ${id}`)
  const parts = largestRemainder(amount, split.weights, split.total)
  return new DuckDBListValue(parts.map((units) => new DuckDBDecimalValue(units, 38, 18)))
}
