import type { BlobServiceClient, ContainerClient, StoragePipelineOptions } from '@azure/storage-blob'
import { UserError } from '../errors.ts'

export interface BlobConnection {
  /** Address of the account's blob service, for messages and to tell it from others; never with a signature. */
  readonly endpoint: string
  container(): Promise<ContainerClient>
}

type Environment = Readonly<Record<string, string | undefined>>

/** One attempt of a request is one request: there is one retry policy, and it is not the client library's. */
const pipeline: StoragePipelineOptions = { retryOptions: { maxTries: 1 } }

/**
 * Connects on the first request, since the client library takes long to load. Credentials come from the library's
 * default chain, or from AZURE_STORAGE_CONNECTION_STRING when that is for this very account (as for an emulator);
 * AZURE_STORAGE_BLOB_ENDPOINT is the address of an account that is not in the public cloud.
 */
export function connectToBlobs(account: string, container: string, env: Environment): BlobConnection {
  const service = serviceByConnectionString(account, env) ?? serviceByDefaultChain(account, env)
  let opened: Promise<ContainerClient> | undefined
  return {
    endpoint: service.endpoint,
    container: () => (opened ??= service.open().then((client) => client.getContainerClient(container))),
  }
}

interface Service {
  readonly endpoint: string
  open(): Promise<BlobServiceClient>
}

const emulator = { account: 'devstoreaccount1', endpoint: 'http://127.0.0.1:10000/devstoreaccount1' }

/** `undefined` when there is none, or it is for another account. */
function serviceByConnectionString(account: string, env: Environment): Service | undefined {
  const text = env['AZURE_STORAGE_CONNECTION_STRING']
  if (text === undefined || text === '') return undefined
  const parts = new Map(text.split(';').map((part) => [part.split('=', 1)[0], part.slice(part.indexOf('=') + 1)]))
  const isEmulator = parts.get('UseDevelopmentStorage') === 'true'
  const protocol = parts.get('DefaultEndpointsProtocol') ?? 'https'
  const written =
    parts.get('BlobEndpoint') || `${protocol}://${parts.get('AccountName')}.blob.${parts.get('EndpointSuffix')}`
  const endpoint = URL.parse(isEmulator ? emulator.endpoint : written)
  if (endpoint === null) throw notAConnectionString()
  const named = isEmulator ? emulator.account : parts.get('AccountName') || endpoint.hostname.split('.', 1)[0]
  if (named !== account) return undefined
  return {
    endpoint: shown(endpoint),
    async open() {
      const { BlobServiceClient } = await import('@azure/storage-blob')
      try {
        return BlobServiceClient.fromConnectionString(text, pipeline)
      } catch {
        throw notAConnectionString()
      }
    },
  }
}

function notAConnectionString(): UserError {
  return new UserError('AZURE_STORAGE_CONNECTION_STRING is not the connection string of a storage account', {
    hint: 'Copy it from the account, or unset it to sign in with the default credentials.',
  })
}

function serviceByDefaultChain(account: string, env: Environment): Service {
  const written = env['AZURE_STORAGE_BLOB_ENDPOINT'] || `https://${account}.blob.core.windows.net`
  const endpoint = URL.parse(written)
  if (endpoint?.protocol !== 'https:') {
    throw new UserError('AZURE_STORAGE_BLOB_ENDPOINT is not an https address', {
      hint: 'Write it as https://account.blob.core.example.com; for an emulator, set AZURE_STORAGE_CONNECTION_STRING.',
    })
  }
  return {
    endpoint: shown(endpoint),
    async open() {
      const [{ BlobServiceClient }, { DefaultAzureCredential }] = await Promise.all([
        import('@azure/storage-blob'),
        import('@azure/identity'),
      ])
      return new BlobServiceClient(shown(endpoint), new DefaultAzureCredential(), pipeline)
    },
  }
}

/** Without user info, and without the query, which may be a signature. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`.replace(/\/+$/, '')
}
