import { localSink } from './local.ts'
import type { Sink } from './sink.ts'

/** The sink that an address of the configuration names. */
export async function openSink(address: string): Promise<Sink> {
  return localSink(address)
}
