import { promisify } from 'node:util'
import { buffer } from 'node:stream/consumers'
import yauzl, { type Entry, type ZipFile } from 'yauzl'

/** Every entry by name, read by another implementation than ours, which compares lengths and checksums. */
export async function unzip(archive: Buffer): Promise<Record<string, string>> {
  const open = promisify<Buffer, yauzl.Options, ZipFile>(yauzl.fromBuffer)
  const zip = await open(archive, { lazyEntries: true, autoClose: false })
  const read = promisify(
    zip.openReadStream.bind(zip) as (e: Entry, done: (e: Error | null, s: NodeJS.ReadableStream) => void) => void,
  )
  const found: Record<string, string> = {}
  for (const entry of await entriesOf(zip)) {
    found[entry.fileName] = (await buffer(await read(entry))).toString('utf8')
  }
  return found
}

function entriesOf(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      entries.push(entry)
      zip.readEntry()
    })
    zip.on('end', () => resolve(entries))
    zip.on('error', reject)
    zip.readEntry()
  })
}
