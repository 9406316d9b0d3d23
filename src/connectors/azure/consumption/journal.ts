import { mkdir, open, rm, stat, truncate } from 'node:fs/promises'
import path from 'node:path'
import { readJson, writeJson } from './files.ts'
import { addToDigest, digestText, type Page } from './page.ts'
import type { Agreement } from './usage-url.ts'

/** How far the pages of one metric and month are on disk: the file's first `bytes` bytes are whole pages. */
export interface Journal {
  /** The page to ask for next; absent once all are there. */
  readonly next?: string
  readonly agreement: Agreement
  readonly kind?: string
  readonly pages: number
  readonly rows: number
  readonly bytes: number
  /** Of all rows, and of those of the first page (see `addToDigest`). */
  readonly digest: string
  readonly firstPage: string
}

export function begin(next: string, agreement: Agreement): Journal {
  const nothing = digestText(0n)
  return { next, agreement, pages: 0, rows: 0, bytes: 0, digest: nothing, firstPage: nothing }
}

/** What an earlier process got done; `undefined` when there is nothing to go on from. */
export async function resume(file: string): Promise<Journal | undefined> {
  const journal = await readJson<Journal>(journalOf(file))
  if (journal === undefined) return undefined
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  // Longer: a page was written and not entered any more. Shorter: the file is not the one the journal is about.
  if (size < journal.bytes) return undefined
  await truncate(file, journal.bytes)
  return journal
}

/** Appends a page, makes sure it is on disk, and only then enters it. */
export async function append(file: string, journal: Journal, page: Page): Promise<Journal> {
  const text = Buffer.from(page.lines.join(''))
  await mkdir(path.dirname(file), { recursive: true })
  const out = await open(file, journal.pages === 0 ? 'w' : 'a')
  try {
    await out.writeFile(text)
    await out.datasync()
  } finally {
    await out.close()
  }
  const { next: _asked, kind = page.kind, ...before } = journal
  const entered: Journal = {
    ...before,
    ...(page.nextLink === undefined ? {} : { next: page.nextLink }),
    ...(kind === undefined ? {} : { kind }),
    pages: journal.pages + 1,
    rows: journal.rows + page.lines.length,
    bytes: journal.bytes + text.length,
    digest: digestText(addToDigest(BigInt(`0x${journal.digest}`), page.lines)),
    firstPage: journal.pages === 0 ? digestText(addToDigest(0n, page.lines)) : journal.firstPage,
  }
  await writeJson(journalOf(file), entered)
  return entered
}

/** Nothing goes on from what was read so far. */
export async function discard(file: string): Promise<void> {
  await rm(journalOf(file), { force: true })
}

function journalOf(file: string): string {
  return `${file}.journal.json`
}
