import { z } from 'zod'
import { DataError } from '../../core/errors.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'

/**
 * What the manifests of legacy reports and Data Exports have in common, as far as it is needed. Legacy ones
 * name their files in `reportKeys` and their columns by category and name; Data Exports in `dataFiles`.
 */
const manifestSchema = z.looseObject({
  assemblyId: z.string().optional(),
  executionId: z.string().optional(),
  reportKeys: z.array(z.string()).optional(),
  dataFiles: z.array(z.string()).optional(),
  columns: z.array(z.looseObject({ category: z.string().optional(), name: z.string() })).optional(),
  compression: z.string().optional(),
  contentType: z.string().optional(),
})

export interface Manifest {
  readonly key: string
  /** Assembly or execution id; the manifest's own version when it has neither. */
  readonly id: string
  /** As written: bucket keys or `s3://` addresses. */
  readonly files: readonly string[]
  readonly columns: readonly string[] | undefined
}

/** DataError when the manifest is no JSON or names no list of files. */
export async function readManifest(store: ObjectStore, manifest: ObjectInfo): Promise<Manifest> {
  const content = parse(await store.readText(manifest.key), manifest.key)
  const files = content.dataFiles ?? content.reportKeys
  if (files === undefined) {
    throw new DataError('the manifest has no list of files (reportKeys or dataFiles)', {
      where: { file: manifest.key },
      hint: 'Deliver the report again; the manifest tells which files are the bill.',
    })
  }
  return {
    key: manifest.key,
    id:
      content.executionId && content.dataFiles
        ? content.executionId
        : (content.assemblyId ?? content.executionId ?? manifest.version),
    files: files.map((file) => file.replace(/^s3:\/\/[^/]+\//, '').replace(/^\/+/, '')),
    columns: content.columns?.map(({ category, name }) => (category === undefined ? name : `${category}/${name}`)),
  }
}

function parse(text: string, file: string): z.infer<typeof manifestSchema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new DataError('the manifest is not JSON', {
      where: { file },
      hint: 'It may have been cut while it was copied: copy or deliver the report again.',
      cause,
    })
  }
  const parsed = manifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new DataError(`the manifest is not as AWS writes it: ${issue?.path.join('.')}: ${issue?.message}`, {
    where: { file },
    hint: 'Deliver the report again.',
  })
}

/** Whether a file that lies directly in a folder is the manifest there (the one for Redshift is another matter). */
export function isManifest(key: string): boolean {
  return /-Manifest\.json$/i.test(key) && !/RedshiftManifest/i.test(key)
}

/**
 * The manifest's files as objects of the store. A manifest names them by their key in AWS's bucket, of which
 * the location may show any part: the longest ending of the key that exists below `folders` is the file.
 * Gives back the first name that is missing, and how many are.
 */
export async function resolveFiles(store: ObjectStore, names: readonly string[], folders: readonly string[]) {
  const files: ObjectInfo[] = []
  const missing: string[] = []
  for (const name of names) {
    const found = await resolveFile(store, name, folders)
    if (found === undefined) missing.push(name)
    else files.push(found)
  }
  return { files, missing }
}

async function resolveFile(
  store: ObjectStore,
  name: string,
  folders: readonly string[],
): Promise<ObjectInfo | undefined> {
  const parts = name.split('/').filter((part) => part !== '')
  for (let from = 0; from < parts.length; from++) {
    const ending = parts.slice(from).join('/')
    for (const folder of folders) {
      const found = await store.stat(folder + ending)
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** One line for a delivery whose files have not all arrived. */
export function describeMissing(missing: readonly string[], total: number): string | undefined {
  if (total === 0) return 'not complete: the manifest names no files'
  if (missing.length === 0) return undefined
  return `not complete: ${missing.length} of ${total} files of the manifest are not there yet, first ${missing[0]}`
}

/** `csv.gz`, `csv.zip`, `parquet`: how the files are packed, for people. */
export function packing(files: readonly { key: string }[]): string {
  const endings = new Set(
    files.map(
      ({ key }) => /\.((?:csv\.)?(?:gz|zip)|csv|(?:snappy\.)?parquet)$/i.exec(key)?.[1]?.toLowerCase() ?? 'other',
    ),
  )
  return [...endings].map((ending) => (ending.endsWith('parquet') ? 'parquet' : ending)).join(' and ')
}
