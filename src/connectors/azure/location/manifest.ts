import { z } from 'zod'
import { DataError } from '../../../core/errors.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'

/** What Cost Management writes beside the files of a run when they are all there, as far as it is needed. */
const manifestSchema = z.looseObject({
  exportConfig: z
    .looseObject({
      exportName: z.string().optional(),
      type: z.string().optional(),
      resourceId: z.string().optional(),
    })
    .optional(),
  runInfo: z.looseObject({ runId: z.string().optional(), submittedTime: z.string().optional() }).optional(),
  blobs: z.array(z.looseObject({ blobName: z.string(), byteCount: z.number().optional() })),
})

export interface Manifest {
  readonly object: ObjectInfo
  /** `ActualCost`, `AmortizedCost`, `FocusCost`, `PriceSheet`, `ReservationDetails`, …; undefined when it does not say. */
  readonly type: string | undefined
  /** What the export covers: a billing account, a subscription, … */
  readonly scope: string | undefined
  readonly runId: string
  /** ISO 8601; '' when it does not say. */
  readonly submitted: string
  readonly blobs: readonly { readonly name: string; readonly bytes: number | undefined }[]
}

export function isManifest(key: string): boolean {
  return /(^|\/)_?manifest\.json$/i.test(key)
}

/** DataError when the manifest is no JSON or names no list of files. */
export async function readManifest(store: ObjectStore, object: ObjectInfo): Promise<Manifest> {
  const { exportConfig, runInfo, blobs } = parse(await store.readText(object.key), object.key)
  return {
    object,
    type: exportConfig?.type,
    scope: /^(.*)\/providers\/Microsoft\.CostManagement\/exports\//i
      .exec(exportConfig?.resourceId ?? '')?.[1]
      ?.toLowerCase(),
    runId: runInfo?.runId ?? object.version,
    submitted: runInfo?.submittedTime ?? '',
    blobs: blobs.map(({ blobName, byteCount }) => ({ name: blobName.replace(/^\/+/, ''), bytes: byteCount })),
  }
}

function parse(text: string, file: string): z.infer<typeof manifestSchema> {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new DataError('the manifest is not JSON', {
      where: { file },
      hint: 'It may have been cut while it was copied: copy or export the month again.',
      cause,
    })
  }
  const parsed = manifestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new DataError(`the manifest is not as Azure writes it: ${issue?.path.join('.')}: ${issue?.message}`, {
    where: { file },
    hint: 'Export the month again; the manifest tells which files are its charges.',
  })
}
