import { readFile, writeFile } from 'node:fs/promises'
import { zipOf } from '../../core/zip.ts'

/** Writes a zip archive with one entry. */
export async function zipFile(source: string, entryName: string, target: string): Promise<void> {
  await writeFile(target, zipOf([{ name: entryName, content: await readFile(source) }]))
}
