import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { coveredRules, ruleVerdicts } from '../../src/checks/coverage.ts'
import { validatePath } from '../../src/checks/index.ts'
import { openSession } from '../../src/core/duckdb.ts'
import { main } from '../../src/cli.ts'
import { installValidator, officialFailures, Unavailable } from './validator.ts'

/**
 * `npm run conformance [-- DEMO]`: a second opinion on the demo's three clouds by the official validator. Exit code 1
 * when it finds a failure that `differences.json` does not explain. Without Python or PyPI it is skipped, in CI it fails.
 */

const root = fileURLToPath(new URL('../../', import.meta.url))
const tools = path.join(root, '.tools')
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const period = '2026-09'

const differences = JSON.parse(await readFile(beside('differences.json'), 'utf8')) as Record<
  '1.2',
  Record<string, string>
>

try {
  const folder = path.join(tools, 'focus-validator')
  const packages = await installValidator(folder, beside('requirements.txt'))
  const unexplained = await compare(folder, packages, await demo(process.argv[2]))
  console.log('FOCUS 1.3: skipped. The release brings the rules of 1.2 only, and would download any others.')
  process.exitCode = unexplained === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof Unavailable)) throw error
  const isCi = process.env['CI'] !== undefined
  console.error(`${isCi ? 'error' : 'skipped'}: ${error.message}`)
  process.exitCode = isCi ? 1 : 0
}

/** The folder of a demo, written first where none is named. */
async function demo(given: string | undefined): Promise<string> {
  const folder = path.resolve(given ?? path.join(tools, 'conformance-demo'))
  if (existsSync(path.join(folder, 'lake'))) return folder
  const code = await main(['node', 'focal', 'demo', '--dir', folder, '--rows', '60'])
  if (code !== 0) throw new Error(`The demo ended with ${code}`)
  return folder
}

/** Prints both verdicts of every cloud, and gives back how many failures nothing explains. */
async function compare(folder: string, packages: string, demoFolder: string): Promise<number> {
  const session = await openSession({ memoryLimit: '600MB', threads: 2, tempDirectory: path.join(tools, 'spill') })
  const composites = new Set(coveredRules('1.2').flatMap(({ rule, reason }) => (reason === 'parts' ? [rule] : [])))
  const reports = path.join(tools, 'conformance')
  await mkdir(reports, { recursive: true })
  let unexplained = 0
  for (const source of ['aws-main', 'azure-main', 'gcp-main']) {
    const file = path.join(demoFolder, `lake/focus/billing_period=${period}/source=${source}/focus.parquet`)
    const failures = await officialFailures(folder, packages, file, '1.2', path.join(reports, `${source}.xml`))
    const report = await validatePath(session, file, '1.2')
    const ours = new Map(ruleVerdicts('1.2', report.dataset, report.checks).map(({ rule, verdict }) => [rule, verdict]))
    console.log(`\n${source} ${period}: focal ${report.failed} failed, official ${failures.length} failed`)
    for (const rule of failures.filter((id) => !composites.has(id))) {
      const reason = differences['1.2'][rule]
      if (reason === undefined) unexplained += 1
      console.log(`  ${rule}, here: ${ours.get(rule) ?? 'unknown'}. ${reason ?? 'NOT EXPLAINED'}`)
    }
    if (report.failed > 0) unexplained += report.failed
  }
  session.close()
  return unexplained
}
