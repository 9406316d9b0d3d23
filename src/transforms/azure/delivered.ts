import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { SourceFile, TransformInput } from '../transform.ts'

/** A data file of the delivery, with what is known of it before it is opened. */
export interface DeliveredFile {
  readonly file: SourceFile
  /** Files of one group hold one dataset: those of an export run, or one plain file. */
  readonly group: string
  /** The dataset, when the manifest or the name says it. */
  readonly declared: 'actual' | 'amortized' | undefined
  /** Rows that the manifest promises for the whole group. */
  readonly promisedRows: number | undefined
}

const manifestSchema = z.looseObject({
  dataRowCount: z.number().optional(),
  exportConfig: z.looseObject({ type: z.string().optional() }).optional(),
})

/** The delivery's data files. Its manifests, which come with them, say which dataset they are and how many rows they hold. */
export async function readDelivered({ files }: Pick<TransformInput, 'files'>): Promise<DeliveredFile[]> {
  const manifests = new Map<string, z.infer<typeof manifestSchema>>()
  for (const file of files.filter(isManifest)) {
    const parsed = manifestSchema.safeParse(JSON.parse((await readFile(file.path, 'utf8')).replace(/^\uFEFF/, '')))
    if (parsed.success) manifests.set(folderOf(file), parsed.data)
  }
  return files
    .filter((file) => !isManifest(file))
    .map((file) => {
      const manifest = manifests.get(folderOf(file))
      const type = manifest?.exportConfig?.type
      return {
        file,
        group: manifest === undefined ? file.name : folderOf(file),
        declared: type === undefined ? datasetInName(file.name) : datasetOfType(type),
        promisedRows: manifest?.dataRowCount,
      }
    })
}

function isManifest({ name }: SourceFile): boolean {
  return /(^|\/)_?manifest\.json$/i.test(name)
}

function folderOf({ name }: SourceFile): string {
  return name.slice(0, name.lastIndexOf('/') + 1)
}

/** `Usage` is what the actual cost dataset was called before amortized cost could be exported. */
function datasetOfType(type: string): DeliveredFile['declared'] {
  if (/^amortized/i.test(type)) return 'amortized'
  return /^(actual|usage)/i.test(type) ? 'actual' : undefined
}

/** `EA_ActualCost_2025-01.csv`, `amortized/part-0.csv`: what people call the files is a statement too. */
function datasetInName(name: string): DeliveredFile['declared'] {
  const actual = /actual/i.test(name)
  const amortized = /amorti[sz]ed/i.test(name)
  if (actual === amortized) return undefined
  return actual ? 'actual' : 'amortized'
}
