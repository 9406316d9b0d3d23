import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { describeError } from '../../../../src/core/errors.ts'
import { readOpenCost } from '../../../../src/transforms/allocation/engine/opencost.ts'
import type { Driver } from '../../../../src/transforms/allocation/rule-set.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'focal-opencost-'))

function driver(columns: Partial<Driver['columns']>): Driver {
  const none = { at: undefined, match: undefined, validFrom: undefined, validTo: undefined }
  return {
    id: 'pods',
    line: 1,
    format: 'opencost',
    files: [],
    columns: { key: 'name', weight: 'totalCost', ...none, ...columns },
    map: new Map(),
    special: new Map(),
  }
}

function written(name: string, content: string | Buffer): string {
  const file = path.join(folder, name)
  writeFileSync(file, content)
  return file
}

test('numbers keep the digits they are written with, and paths may go through keys with dots', async () => {
  const entry = `{"totalCost": 0.10000000000000000001, "start": "2026-10-01T00:00:00Z",
    "properties": {"labels": {"app.kubernetes.io/name": "cart"}, "node": "n1"}}`
  const file = written('one.json.gz', gzipSync(`{"code": 200, "data": [{"a": ${entry}}, {"b": {"totalCost": 1e-7}}]}`))
  const columns = { key: 'properties.labels.app.kubernetes.io/name', match: 'properties.node', at: 'start' }
  expect(await readOpenCost(driver(columns), file)).toEqual([
    { row_number: 1, key: 'cart', match: 'n1', at: '2026-10-01T00:00:00Z', weight: '0.10000000000000000001' },
    { row_number: 2, key: null, match: null, at: null, weight: '1e-7' },
  ])
})

const refused: readonly [string, string, string][] = [
  ['failed.json', '{"code": 400, "data": null}', 'its code is "400"'],
  ['other.json', '{"items": []}', 'it has no list of sets in data'],
]

test.for(refused)('%s is refused', async ([name, content, why]) => {
  const file = written(name, content)
  const thrown = await readOpenCost(driver({}), file).catch((error: unknown) => error)
  expect(describeError(thrown)).toBe(
    `the driver pods is no answer of OpenCost's allocation API: ${why}
  where: file ${file}
  hint: Save what GET /allocation/compute?window=…&aggregate=… answers.`,
  )
})

const sample = fileURLToPath(
  new URL('../../../../../shared/samples/k8s/opencost/allocation-example-output.json', import.meta.url),
)

test.skipIf(!existsSync(sample))('the answer that OpenCost documents is read', async () => {
  const rows = await readOpenCost(driver({ at: 'window.start' }), sample)
  expect(rows[0]).toEqual({
    row_number: 1,
    key: 'kube-system',
    match: null,
    at: '2023-07-12T11:02:46Z',
    weight: '1.52743',
  })
  expect(rows.every(({ weight }) => weight !== null)).toBe(true)
})
