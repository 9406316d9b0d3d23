import { createHash } from 'node:crypto'
import { DataError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { MonthEvent } from './events.ts'

/**
 * What happened to the books, in order: `_focal/ledger.jsonl`, one JSON object a line, only ever added to. Each line ends
 * with its own SHA-256 and holds that of the line before, so none can be altered, left out or put in between unnoticed.
 */
export type LogEntry = MonthEvent & {
  /** Counts lines from 1. */
  readonly seq: number
  /** ISO time. */
  readonly at: string
  readonly by: string
  readonly period: Period
  /** SHA-256 of the line before; zeros in the first. */
  readonly previous: string
  readonly hash: string
}

export interface AuditLog {
  readonly entries: readonly LogEntry[]
  /** SHA-256 of the last line; zeros when there is none. */
  readonly head: string
}

/** What is wrong with a line of the log. */
export interface BrokenLine {
  readonly line: number
  readonly what: string
}

export const logFile = '_focal/ledger.jsonl'
const beginning = '0'.repeat(64)

/** DataError names the first line that is not as it was written: nothing is built on a log that was tampered with. */
export async function readLog(lake: Sink): Promise<AuditLog> {
  const { entries, broken } = checkLog(await logText(lake))
  const [first] = broken
  if (first !== undefined) {
    throw new DataError(first.what, {
      where: { file: logFile, line: first.line },
      hint: 'Nothing was changed. `focal audit verify` lists all that was altered; bring the file back from a backup.',
    })
  }
  return { entries, head: entries.at(-1)?.hash ?? beginning }
}

export async function logText(lake: Sink): Promise<string> {
  return (await lake.readFile(logFile))?.toString('utf8') ?? ''
}

/** Reads a log and proves its chain. Lines that are not whole are left out of the entries, and told. */
export function checkLog(text: string): { entries: LogEntry[]; broken: BrokenLine[] } {
  const entries: LogEntry[] = []
  const broken: BrokenLine[] = []
  let previous = beginning
  for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
    const entry = readLine(line)
    if (entry === undefined) broken.push({ line: at + 1, what: 'the line is not as it was written' })
    else if (entry.previous !== previous || entry.seq !== at + 1) {
      broken.push({
        line: at + 1,
        what: 'the line does not follow on the one before: lines were altered, removed or added',
      })
    }
    previous = entry?.hash ?? chained(line)
    if (entry !== undefined) entries.push(entry)
  }
  if (text !== '' && !text.endsWith('\n')) {
    broken.push({ line: text.split('\n').length, what: 'the last line is cut off' })
  }
  return { entries, broken }
}

const sealed = /^(.*),"hash":"([0-9a-f]{64})"\}$/

function readLine(line: string): LogEntry | undefined {
  const [, body, hash] = sealed.exec(line) ?? []
  if (body === undefined || sha256(`${body}}`) !== hash) return undefined
  return JSON.parse(line) as LogEntry
}

/** The hash that the line after an altered one refers to: as the line says, so that one change is told once. */
function chained(line: string): string {
  return sealed.exec(line)?.[2] ?? ''
}

export interface Happening {
  readonly by: string
  readonly at: Date
  readonly period: Period
  readonly event: MonthEvent
}

/** Adds an entry and gives the log with it. Call it while the lake is held. */
export async function append(lake: Sink, log: AuditLog, { by, at, period, event }: Happening): Promise<AuditLog> {
  const seq = log.entries.length + 1
  const body = JSON.stringify({ seq, at: at.toISOString(), by, period, ...event, previous: log.head })
  const hash = sha256(body)
  const line = `${body.slice(0, -1)},"hash":"${hash}"}`
  await lake.writeFile(logFile, `${await logText(lake)}${line}\n`)
  return { entries: [...log.entries, JSON.parse(line) as LogEntry], head: hash }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
