import type { Bucket } from '@google-cloud/storage'
import { UserError } from '../errors.ts'

export interface GcsConnection {
  /** For messages, and to tell it from another service that may have a bucket of the same name. */
  readonly endpoint: string
  bucket(): Promise<Bucket>
  /** The header that signs a request which the client library does not make; empty where none is asked for. */
  authorization(): Promise<Record<string, string>>
}

const google = 'https://storage.googleapis.com'

/**
 * Connects on the first request, since the client library takes long to load. Credentials are Application Default
 * Credentials; STORAGE_EMULATOR_HOST is the address of a server that asks for none. The library itself tries nothing
 * twice, so that there is one retry policy.
 */
export function connectToGcs(name: string, env: Readonly<Record<string, string | undefined>>): GcsConnection {
  const emulator = emulatorAddress(env['STORAGE_EMULATOR_HOST'])
  let opened: Promise<Bucket> | undefined
  const bucket = () => (opened ??= open(name, emulator))
  return {
    endpoint: emulator ?? google,
    bucket,
    async authorization() {
      if (emulator !== undefined) return {}
      const token = await (await bucket()).storage.authClient.getAccessToken()
      return { authorization: `Bearer ${token}` }
    },
  }
}

function emulatorAddress(written: string | undefined): string | undefined {
  if (written === undefined || written === '') return undefined
  const parsed = URL.parse(written.includes('://') ? written : `http://${written}`)
  if (parsed === null) {
    throw new UserError('STORAGE_EMULATOR_HOST is not the address of a server', {
      hint: 'Write it as http://127.0.0.1:9023, or unset it.',
    })
  }
  return parsed.origin
}

async function open(name: string, emulator: string | undefined): Promise<Bucket> {
  const { Storage } = await import('@google-cloud/storage')
  const once = { retryOptions: { autoRetry: false, maxRetries: 0 } }
  const storage = new Storage(
    emulator === undefined
      ? once
      : { ...once, apiEndpoint: emulator, useAuthWithCustomEndpoint: false, projectId: 'none' },
  )
  // The library takes STORAGE_EMULATOR_HOST of the process for the whole base of its requests, path and all.
  if (emulator !== undefined) storage.baseUrl = `${emulator}/storage/v1`
  return storage.bucket(name)
}
