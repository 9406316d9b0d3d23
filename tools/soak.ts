import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { soak } from './soak/nights.ts'

/**
 * `npm run soak -- [--nights 200] [--seed 1] [--killed 0.3]`: nightly runs over a year of bills that are restated at
 * random, with random kills. Ends with 1 at the first wrong total, or when a month is not what a fresh run would make.
 */
const { values } = parseArgs({
  options: {
    nights: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    killed: { type: 'string', default: '0.3' },
  },
})
const folder = mkdtempSync(path.join(tmpdir(), 'focal-soak-'))
const started = Date.now()
try {
  const result = await soak({
    folder,
    nights: Number(values.nights),
    seed: Number(values.seed),
    killed: Number(values.killed),
    report: (line) => process.stderr.write(`${line}\n`),
  })
  const minutes = ((Date.now() - started) / 60_000).toFixed(1)
  process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), minutes, ...result }, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
