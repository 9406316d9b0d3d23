import type { ZodObject } from 'zod'
import { awsOptions } from './aws/options.ts'
import { azureOptions } from './azure/options.ts'
import { focusOptions } from './focus/options.ts'
import { gcpOptions } from './gcp/options.ts'
import type { Transform } from './transform.ts'

export interface TransformEntry {
  /** What a source may say in the configuration about how its rows are written. */
  readonly options: ZodObject
  readonly load: () => Promise<Transform>
}

/** Every transform by its connector's name. */
export const transforms: Readonly<Record<string, TransformEntry>> = {
  aws: { options: awsOptions, load: async () => (await import('./aws/index.ts')).aws },
  azure: { options: azureOptions, load: async () => (await import('./azure/index.ts')).azure },
  focus: { options: focusOptions, load: async () => (await import('./focus/index.ts')).focus },
  gcp: { options: gcpOptions, load: async () => (await import('./gcp/index.ts')).gcp },
}
