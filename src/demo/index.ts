import type { DemoCloud } from './cloud.ts'

/** Every cloud of the demo. */
export const demoClouds: readonly (() => Promise<DemoCloud>)[] = [
  async () => (await import('./aws/index.ts')).aws,
  async () => (await import('./azure/index.ts')).azure,
  async () => (await import('./gcp/index.ts')).gcp,
]
