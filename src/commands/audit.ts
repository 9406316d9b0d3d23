import { exitCode, UserError } from '../core/errors.ts'
import { verifyBooks, type Alteration, type Verification } from '../pipeline/close/verify.ts'
import { configured } from './configured.ts'
import { count } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly head?: string
  readonly json?: boolean
}

/** `focal audit verify`: proves that nothing of the books was altered. 4 when something was, with its place. */
export async function verify(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (options.head !== undefined && !/^[0-9a-f]{64}$/.test(options.head)) {
    throw new UserError(`"${options.head}" is not the head of a ledger`, {
      hint: 'It is a SHA-256 in hexadecimal, as `focal audit verify` prints it.',
    })
  }
  const made = await configured(options.config, terminal)
  const verification = await verifyBooks({ ...made, signal }, options.head)
  const text = options.json ? JSON.stringify(verification, null, 2) : describe(verification)
  terminal.stdout.write(`${text}\n`)
  return verification.alterations.length === 0 ? exitCode.done : exitCode.checkFailed
}

function describe({ alterations, entries, closed, files, head }: Verification): string {
  if (entries === 0 && alterations.length === 0) return 'The books are empty: no month was ever prepared.'
  const scope = [
    counted(entries, 'line'),
    'of the ledger,',
    `${counted(closed.length, 'closed month')},`,
    counted(files, 'file'),
  ].join(' ')
  if (alterations.length > 0) return [`Altered (of ${scope}):`, ...alterations.map(describeAlteration)].join('\n')
  return `Nothing was altered: ${scope}.\nHead of the ledger: ${head}`
}

function describeAlteration({ file, line, what }: Alteration): string {
  return `  ${file}${line === undefined ? '' : `, line ${line}`}: ${what}`
}

function counted(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`
}
