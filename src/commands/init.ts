import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { exitCode, UserError } from '../core/errors.ts'
import { readBeside } from '../core/sql.ts'
import type { Terminal } from './terminal.ts'

/** `focal init`: writes a commented configuration. UserError when there is one already. */
export async function init(options: { config: string }, terminal: Terminal): Promise<number> {
  const file = path.resolve(terminal.cwd, options.config)
  try {
    await writeFile(file, readBeside(import.meta.url, 'focal.example.yaml'), { flag: 'wx' })
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    throw new UserError(`${options.config} is there already`, {
      hint: 'Edit it, or name another with --config.',
      cause,
    })
  }
  terminal.stdout.write(`Wrote ${options.config}. Name your export in it, then: focal run --dry-run\n`)
  return exitCode.done
}
