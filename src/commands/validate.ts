import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { availableParallelism, tmpdir } from 'node:os'
import {
  asHtml,
  asMarkdown,
  describeReport,
  gapReport,
  junitXml,
  reportJson,
  validatePath,
  type ValidationReport,
} from '../checks/index.ts'
import { openSession } from '../core/duckdb.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { parseFocusVersion } from '../core/focus.ts'
import { bringLake } from './bring-lake.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly path: string
  readonly focusVersion?: string
  readonly json?: boolean
  /** File for JUnit XML. */
  readonly junit?: string
  /** File for the conformance gap report, `.md` or `.html`. */
  readonly report?: string
}

/**
 * `focal validate PATH`, or the address of a lake in a bucket: 0 when every rule holds or is a known gap, 4 when one does
 * not. UserError: an unknown version, a report of an unknown kind, nothing to read.
 */
export async function validate(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const version = options.focusVersion === undefined ? undefined : parseFocusVersion(options.focusVersion)
  const writeDocument = options.report === undefined ? undefined : documentWriter(options.report)
  const scratch = path.join(tmpdir(), `focal-validate-${process.pid}`)
  const engine = {
    // Beside it Node and DuckDB's own code take some 200 MB, and the whole is to stay within 1 GB.
    memoryLimit: '600MB',
    threads: availableParallelism(),
    tempDirectory: path.join(scratch, 'spill'),
  }
  const session = await openSession({ ...engine, signal })
  try {
    const subject = /^(s3|gs|az):\/\//i.test(options.path)
      ? await bringLake(options.path, scratch, terminal, signal)
      : path.resolve(terminal.cwd, options.path)
    const report = await validatePath(session, subject, version)
    const inPlace = (file: string) => path.resolve(terminal.cwd, file)
    if (options.junit !== undefined) await writeText(inPlace(options.junit), junitXml(report))
    if (options.report !== undefined && writeDocument !== undefined)
      await writeText(inPlace(options.report), writeDocument(report, options.path, terminal.now()))
    terminal.stdout.write(`${options.json ? JSON.stringify(reportJson(report), null, 2) : describeReport(report)}\n`)
    return report.failed === 0 ? exitCode.done : exitCode.checkFailed
  } finally {
    session.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

type DocumentWriter = (report: ValidationReport, subject: string, now: Date) => string

function documentWriter(file: string): DocumentWriter {
  const ending = path.extname(file).toLowerCase()
  if (ending === '.md') return (...about) => asMarkdown(gapReport(...about))
  if (ending === '.html') return (...about) => asHtml(gapReport(...about))
  throw new UserError('The report can be written as Markdown or HTML only', {
    where: { file },
    hint: 'Let its name end in .md or .html.',
  })
}

async function writeText(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
}
