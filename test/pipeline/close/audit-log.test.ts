import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { append, checkLog, readLog, type AuditLog } from '../../../src/pipeline/close/audit-log.ts'
import { DataError } from '../../../src/core/errors.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'

const at = new Date('2026-11-20T08:00:00Z')

/** Five lines, and the file that they are in. */
async function written(): Promise<{ folder: string; file: string; log: AuditLog; lines: string[] }> {
  const folder = temporaryFolder()
  const lake = localSink(folder)
  let log = await readLog(lake)
  for (const target of ['payments', 'search', 'platform', 'data', 'mail']) {
    const event = { event: 'statement-accepted', target, comment: null } as const
    log = await append(lake, log, { by: 'carl', at, period: '2026-10', event })
  }
  const file = path.join(folder, '_focal/ledger.jsonl')
  return { folder, file, log, lines: readFileSync(file, 'utf8').split('\n').slice(0, -1) }
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

describe('the ledger', () => {
  test('is empty before anything happened', async () => {
    expect(await readLog(localSink(temporaryFolder()))).toEqual({ entries: [], head: '0'.repeat(64) })
  })

  test('is read as it was written', async () => {
    const { folder, log } = await written()
    expect(await readLog(localSink(folder))).toEqual(log)
    expect(log.entries.map(({ seq, by, at: when }) => [seq, by, when])).toEqual(
      [1, 2, 3, 4, 5].map((seq) => [seq, 'carl', '2026-11-20T08:00:00.000Z']),
    )
    expect(log.entries.slice(1).map(({ previous }) => previous)).toEqual(
      log.entries.slice(0, -1).map(({ hash }) => hash),
    )
  })

  test('is not built upon once a line was altered: the error names it', async () => {
    const { folder, file, lines } = await written()
    writeFileSync(file, textOf(lines).replace('"target":"search"', '"target":"saerch"'))
    const failure = await readLog(localSink(folder)).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toMatchObject({
      message: 'the line is not as it was written',
      where: { file: '_focal/ledger.jsonl', line: 2 },
      hint: 'Nothing was changed. `focal audit verify` lists all that was altered; bring the file back from a backup.',
    })
  })
})

describe('the chain', () => {
  test('names each line that was altered, and only those', async () => {
    const { lines } = await written()
    const spoiled = lines.map((line, index) => (index === 1 || index === 3 ? line.replace('carl', 'karl') : line))
    expect(checkLog(textOf(spoiled)).broken).toEqual([
      { line: 2, what: 'the line is not as it was written' },
      { line: 4, what: 'the line is not as it was written' },
    ])
  })

  test('tells a line that was taken out, put in or moved', async () => {
    const { lines } = await written()
    const [one = '', two = '', three = '', ...rest] = lines
    const gap = 'the line does not follow on the one before: lines were altered, removed or added'
    expect(checkLog(textOf([one, three, ...rest])).broken[0]).toEqual({ line: 2, what: gap })
    expect(checkLog(textOf([one, two, two, three, ...rest])).broken[0]).toEqual({ line: 3, what: gap })
    expect(checkLog(textOf([one, three, two, ...rest])).broken[0]).toEqual({ line: 2, what: gap })
  })

  test('tells a line that was written anew with a hash that fits it', async () => {
    const { lines } = await written()
    const other = await written()
    expect(checkLog(textOf(lines)).broken).toEqual([])
    const forged = (
      await append(
        localSink(other.folder),
        { entries: other.log.entries.slice(0, 1), head: other.log.entries[0]?.hash ?? '' },
        {
          by: 'eve',
          at,
          period: '2026-10',
          event: { event: 'statement-accepted', target: 'search', comment: null },
        },
      )
    ).entries[1]
    const line = JSON.stringify(forged)
    expect(checkLog(textOf([lines[0] ?? '', line])).broken).toEqual([])
    expect(checkLog(textOf([lines[0] ?? '', line, ...lines.slice(2)])).broken).toEqual([
      { line: 3, what: 'the line does not follow on the one before: lines were altered, removed or added' },
    ])
  })

  test('tells a file that was cut off', async () => {
    const { lines } = await written()
    const text = textOf(lines)
    expect(checkLog(text.slice(0, -20)).broken).toEqual([{ line: 5, what: 'the last line is cut off' }])
  })

  test('holds against a change of any one character anywhere', async () => {
    const { lines } = await written()
    const text = textOf(lines)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'a', '"', '\n', ' '), (place, character) => {
        fc.pre(text[place] !== character)
        const altered = `${text.slice(0, place)}${character}${text.slice(place + 1)}`
        expect(checkLog(altered).broken).not.toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
