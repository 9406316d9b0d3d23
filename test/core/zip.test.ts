import { promisify } from 'node:util'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { zipOf } from '../../src/core/zip.ts'

/** Every entry by name, read by another implementation, which compares lengths and checksums. */
async function unzip(archive: Buffer): Promise<Record<string, string>> {
  const open = promisify<Buffer, yauzl.Options, ZipFile>(yauzl.fromBuffer)
  const zip = await open(archive, { lazyEntries: true })
  const read = promisify(
    zip.openReadStream.bind(zip) as (e: Entry, done: (e: Error | null, s: NodeJS.ReadableStream) => void) => void,
  )
  const found: Record<string, string> = {}
  await new Promise<void>((resolve, reject) => {
    zip.on('end', resolve).on('error', reject)
    zip.on('entry', (entry: Entry) => {
      void read(entry)
        .then(buffer)
        .then((content) => {
          found[entry.fileName] = content.toString('utf8')
          zip.readEntry()
        }, reject)
    })
    zip.readEntry()
  })
  return found
}

test('a zip holds what was put in, also what is empty, and names in any script', async () => {
  const content = { 'a.csv': 'x,y\r\n1,2\r\n', 'statements/Übersicht – 請求.json': '{}'.repeat(5000), 'empty.txt': '' }
  const entries = Object.entries(content).map(([name, text]) => ({ name, content: Buffer.from(text, 'utf8') }))
  expect(await unzip(zipOf(entries))).toEqual(content)
  expect(zipOf(entries)).toEqual(zipOf(entries))
})
