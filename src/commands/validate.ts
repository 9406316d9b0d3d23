import path from 'node:path'
import { availableParallelism, tmpdir } from 'node:os'
import { describeReport, reportJson, validatePath } from '../checks/index.ts'
import { openSession } from '../core/duckdb.ts'
import { exitCode } from '../core/errors.ts'
import { parseFocusVersion } from '../core/focus.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly path: string
  readonly focusVersion?: string
  readonly json?: boolean
}

/** `focal validate PATH`: 0 when every rule holds or is a known gap, 4 when one does not. */
export async function validate(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const version = options.focusVersion === undefined ? undefined : parseFocusVersion(options.focusVersion)
  const engine = {
    memoryLimit: '1GB',
    threads: availableParallelism(),
    tempDirectory: path.join(tmpdir(), `focal-validate-${process.pid}`),
  }
  const session = await openSession({ ...engine, signal })
  try {
    const report = await validatePath(session, path.resolve(terminal.cwd, options.path), version)
    terminal.stdout.write(`${options.json ? JSON.stringify(reportJson(report), null, 2) : describeReport(report)}\n`)
    return report.failed === 0 ? exitCode.done : exitCode.checkFailed
  } finally {
    session.close()
  }
}
