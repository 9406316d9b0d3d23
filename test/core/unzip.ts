import { promisify } from 'node:util'
import { buffer } from 'node:stream/consumers'
import yauzl, { type Entry, type ZipFile } from 'yauzl'

/** Every entry by name, read by another implementation than ours, which compares lengths and checksums. */
export async function unzip(archive: Buffer): Promise<Record<string, string>> {
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
