import type { ConsumptionManagementClient, ConsumptionManagementClientOptionalParams } from '@azure/arm-consumption'
import type { TokenCredential } from '@azure/identity'
import { UserError } from '../../../core/errors.ts'

/** In place of the default credentials and the network. */
export interface ApiAccess {
  readonly credential?: TokenCredential | undefined
  readonly httpClient?: ConsumptionManagementClientOptionalParams['httpClient'] | undefined
}

/** An answer as it came, whatever its status. */
export interface ApiAnswer {
  readonly status: number
  readonly text: string
  header(name: string): string | undefined
  headerNames(): string[]
}

export interface Api {
  /** `https://management.azure.com`, or that of another cloud. */
  readonly endpoint: string
  /** One attempt. Throws the client library's own errors when there is no answer. */
  get(url: string, signal: AbortSignal): Promise<ApiAnswer>
}

/** Connects on the first request: the client library takes long to load. */
export function connectToApi(scope: string, env: Readonly<Record<string, string | undefined>>, access: ApiAccess): Api {
  const endpoint = endpointOf(env)
  let opened: Promise<ConsumptionManagementClient> | undefined
  return {
    endpoint,
    async get(url, abortSignal) {
      const client = await (opened ??= openClient(endpoint, access))
      let answer: ApiAnswer | undefined
      const options = {
        abortSignal,
        onResponse: (raw: RawAnswer) => {
          answer = toAnswer(raw)
        },
      }
      // The way to the next page is the way to any page whose address is known, the first included.
      await client.usageDetails.list(scope, options).byPage({ continuationToken: url }).next()
      if (answer === undefined) throw new TypeError('the client library gave no answer')
      return answer
    },
  }
}

async function openClient(
  endpoint: string,
  { credential, httpClient }: ApiAccess,
): Promise<ConsumptionManagementClient> {
  const { ConsumptionManagementClient: Client } = await import('@azure/arm-consumption')
  const used = credential ?? new (await import('@azure/identity')).DefaultAzureCredential()
  const client = new Client(used, '', {
    $host: endpoint,
    endpoint,
    ...(httpClient === undefined ? {} : { httpClient }),
  })
  // Its models drop fields that they do not know and turn amounts into doubles, so nothing is made of the text here.
  client.pipeline.removePolicy({ name: 'deserializationPolicy' })
  // There is one retry policy, and it is not the client library's.
  client.pipeline.removePolicy({ name: 'defaultRetryPolicy' })
  return client
}

interface RawAnswer {
  readonly status: number
  readonly bodyAsText?: string | null
  readonly headers: { get(name: string): string | undefined; toJSON(): Record<string, string> }
}

function toAnswer({ status, bodyAsText, headers }: RawAnswer): ApiAnswer {
  return {
    status,
    text: bodyAsText ?? '',
    header: (name) => headers.get(name),
    headerNames: () => Object.keys(headers.toJSON()),
  }
}

function endpointOf(env: Readonly<Record<string, string | undefined>>): string {
  const endpoint = URL.parse(env['AZURE_RESOURCE_MANAGER_ENDPOINT'] || 'https://management.azure.com')
  if (endpoint?.protocol === 'https:') return endpoint.origin
  throw new UserError('AZURE_RESOURCE_MANAGER_ENDPOINT is not an https address', {
    hint: 'Write it as https://management.usgovcloudapi.net.',
  })
}
