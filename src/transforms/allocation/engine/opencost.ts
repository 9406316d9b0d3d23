import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { DataError } from '../../../core/errors.ts'
import type { Driver } from '../rule-set.ts'

/** One entry of an allocation set, its values as text. */
export interface OpenCostRow {
  readonly row_number: number
  readonly key: string | null
  readonly match: string | null
  readonly at: string | null
  readonly weight: string | null
}

/**
 * The answer of OpenCost's `/allocation`: a list of sets, one for each step of the window, each an object from a name
 * to what was allocated to it. Columns are paths such as `properties.namespace`; numbers keep the digits they are
 * written with. DataError for another kind of file, or an answer that is a failure.
 */
export async function readOpenCost(driver: Driver, file: string): Promise<OpenCostRow[]> {
  const bytes = await readFile(file)
  const answer = parseExactly(file.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString(), driver, file)
  const sets = isObject(answer) ? answer['data'] : answer
  if (isObject(answer) && answer['code'] !== undefined && answer['code'] !== '200') {
    throw noAllocations(driver, file, `its code is ${JSON.stringify(answer['code'])}`)
  }
  if (!Array.isArray(sets)) throw noAllocations(driver, file, 'it has no list of sets in data')
  const entries = (sets as unknown[]).flatMap((set) => (isObject(set) ? Object.entries(set) : []))
  return entries.map(([name, entry], index) => {
    const named = isObject(entry) ? { name, ...entry } : { name }
    const { key, match, at, weight } = driver.columns
    return {
      row_number: index + 1,
      key: textAt(named, key),
      match: textAt(named, match),
      at: textAt(named, at),
      weight: textAt(named, weight),
    }
  })
}

/** JSON with each number as the text it is written as. */
function parseExactly(text: string, driver: Driver, file: string): unknown {
  try {
    return JSON.parse(text, asWritten) as unknown
  } catch (error) {
    throw noAllocations(driver, file, (error as Error).message, error)
  }
}

function asWritten(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value
}

function noAllocations(driver: Driver, file: string, why: string, cause?: unknown): DataError {
  return new DataError(`the driver ${driver.id} is no answer of OpenCost's allocation API: ${why}`, {
    where: { file },
    hint: 'Save what GET /allocation/compute?window=…&aggregate=… answers.',
    cause,
  })
}

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What lies at a path such as `properties.labels.app.kubernetes.io/name`, whose keys may have dots themselves. */
function textAt(value: JsonObject, path: string | undefined): string | null {
  if (path === undefined) return null
  const found = valueAt(value, path)
  return typeof found === 'string' ? found : null
}

function valueAt(value: unknown, path: string): unknown {
  if (!isObject(value)) return undefined
  if (path in value) return value[path]
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const found = valueAt(value[path.slice(0, dot)], path.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}
