import type { ZodObject } from 'zod'
import { awsLocation } from './aws/options.ts'
import { azurePlace } from './azure/options.ts'
import type { Connector } from './connector.ts'
import { focusLocation } from './focus/options.ts'
import { gcpPlace } from './gcp/options.ts'

export interface ConnectorEntry {
  /** What a source of this connector may say in the configuration. */
  readonly options: ZodObject
  /** Loaded when a source asks for it, so that start-up does not pay for every cloud's SDK. */
  readonly load: () => Promise<Connector>
}

/** Every connector by the name that the configuration uses. */
export const connectors: Readonly<Record<string, ConnectorEntry>> = {
  aws: { options: awsLocation, load: async () => (await import('./aws/index.ts')).aws },
  azure: { options: azurePlace, load: async () => (await import('./azure/index.ts')).azure },
  focus: { options: focusLocation, load: async () => (await import('./focus/index.ts')).focus },
  gcp: { options: gcpPlace, load: async () => (await import('./gcp/index.ts')).gcp },
}
