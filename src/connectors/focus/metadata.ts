import { z } from 'zod'
import { DataError } from '../../core/errors.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'

/** What is read of FOCUS metadata, whether a file holds one schema, a list of them, or all of the metadata. */
const schema = z.object({ FocusVersion: z.string(), CreationDate: z.string().optional() })
const metadata = z.union([
  schema.transform((only) => [only]),
  z.array(schema),
  z.object({ Schema: schema }).transform(({ Schema }) => [Schema]),
  z.object({ Schema: z.array(schema) }).transform(({ Schema }) => Schema),
])

/** Metadata is small; a JSON file beyond this is something else. */
const maxBytes = 1 << 20

/**
 * The version that FOCUS metadata beside the files declares: of several schemas, that of the newest one.
 * Undefined when no JSON file is FOCUS metadata. DataError when one of that name is not JSON.
 */
export async function declaredVersion(store: ObjectStore, objects: readonly ObjectInfo[]): Promise<string | undefined> {
  const files = objects.filter(({ key, size }) => /\.json$/i.test(key) && size <= maxBytes)
  const found = await Promise.all(files.map(async ({ key }) => schemasOf(await store.readText(key), key)))
  const newestFirst = found.flat().toSorted((a, b) => ((a.CreationDate ?? '') < (b.CreationDate ?? '') ? 1 : -1))
  return newestFirst[0]?.FocusVersion.trim().replace(/^v/i, '')
}

function schemasOf(text: string, file: string): readonly z.infer<typeof schema>[] {
  try {
    const read = metadata.safeParse(JSON.parse(text))
    return read.success ? read.data : []
  } catch (cause) {
    if (!/metadata|schema/i.test(file)) return []
    throw new DataError('the metadata is no JSON', {
      where: { file },
      hint: 'Deliver the file again, or move it out of the folder: FOCUS metadata is optional.',
      cause,
    })
  }
}
