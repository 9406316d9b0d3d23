import { z } from 'zod'
import { parseLakeAddress } from './address.ts'

/** `lakeOptions:` of focal.yaml, by the scheme of the lake's address. Credentials are never among them. */

const mebibytes = z.int().min(5, 'expected 5 or more (MiB)').max(1024, 'expected 1024 or less (MiB)')

/** Storage classes and tiers are for partitions and their history, not for records. */
export const s3LakeOptions = z.strictObject({
  /** Of a store that speaks the S3 protocol. */
  endpoint: z.url({ protocol: /^https?$/, error: 'expected an address such as https://s3.example.com' }).optional(),
  region: z.string().min(1).optional(),
  /** Where the bucket is part of the path and not of the host; by default so when there is an endpoint. */
  forcePathStyle: z.boolean().optional(),
  sse: z.enum(['AES256', 'kms', 'kms-dsse'], 'expected AES256, kms or kms-dsse').optional(),
  kmsKey: z.string().min(1).optional(),
  storageClass: z
    .string()
    .min(1)
    .refine((name) => !['GLACIER', 'DEEP_ARCHIVE'].includes(name), 'expected a class that can be read at once')
    .optional(),
  partSizeMiB: mebibytes.optional(),
})

export const gcsLakeOptions = z.strictObject({
  kmsKey: z.string().min(1).optional(),
  storageClass: z.string().min(1).optional(),
  partSizeMiB: mebibytes.optional(),
})

export const azureBlobLakeOptions = z.strictObject({
  /** Azure's own copies, which make the history, have the default scope of their container: set it there, too. */
  encryptionScope: z.string().min(1).optional(),
  accessTier: z.enum(['Hot', 'Cool', 'Cold'], 'expected Hot, Cool or Cold: readers need an online tier').optional(),
  partSizeMiB: mebibytes.optional(),
})

export type S3LakeOptions = z.output<typeof s3LakeOptions>
export type GcsLakeOptions = z.output<typeof gcsLakeOptions>
export type AzureBlobLakeOptions = z.output<typeof azureBlobLakeOptions>

const byScheme = { s3: s3LakeOptions, gs: gcsLakeOptions, az: azureBlobLakeOptions, folder: z.strictObject({}) }

/** Which options a lake of this address takes; none for a local folder. */
export function lakeOptionsFor(lake: string): z.ZodObject {
  return byScheme[parseLakeAddress(lake)?.scheme ?? 'folder']
}
