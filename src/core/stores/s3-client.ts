import type { S3Client } from '@aws-sdk/client-s3'
import { UserError } from '../errors.ts'

type Sdk = typeof import('@aws-sdk/client-s3')

/** One attempt of a request; the client library itself tries nothing twice, so that there is one retry policy. */
export type S3Request<T> = (sdk: Sdk, client: S3Client) => Promise<T>

export interface S3Connection {
  /** Tells this S3 from another that may have a bucket of the same name. */
  readonly name: string
  /** For messages: `https://s3.eu-central-1.amazonaws.com`, or the endpoint that was configured without user info. */
  endpoint(): Promise<string>
  /** Follows a bucket to its region. Throws the client library's own errors. */
  send<T>(request: S3Request<T>): Promise<T>
}

/**
 * Connects on the first request: the client library takes long to load, and runs on local files need none of it.
 * Credentials come from the library's default chain and nowhere else. `env` gives the endpoint and the region;
 * without a region that of the shared config file counts, and without one there S3 tells where the bucket lies.
 */
export function connectToS3(env: Readonly<Record<string, string | undefined>>, forcePathStyle?: boolean): S3Connection {
  const found = configuredEndpoint(env)
  const endpoint = found && { ...found, forcePathStyle: forcePathStyle ?? true }
  let client: Promise<S3Client> | undefined
  const current = () => (client ??= createClient(endpoint, env['AWS_REGION'] || env['AWS_DEFAULT_REGION']))

  return {
    name: endpoint?.shown ?? 'aws',
    async endpoint() {
      return endpoint?.shown ?? `https://s3.${await (await current()).config.region()}.amazonaws.com`
    },
    async send(request) {
      const sdk = await import('@aws-sdk/client-s3')
      const used = await current()
      try {
        return await request(sdk, used)
      } catch (error) {
        const region = bucketRegion(error)
        if (region === undefined || region === (await used.config.region())) throw error
        client = createClient(endpoint, region)
        return await request(sdk, await client)
      }
    },
  }
}

interface Endpoint {
  readonly url: string
  readonly shown: string
  /** The bucket is part of the path, as most stores that are not at AWS want it. */
  readonly forcePathStyle: boolean
}

function configuredEndpoint(
  env: Readonly<Record<string, string | undefined>>,
): Omit<Endpoint, 'forcePathStyle'> | undefined {
  const url = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL']
  if (url === undefined || url === '') return undefined
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UserError('AWS_ENDPOINT_URL is not the address of a server', {
      hint: 'Write it as https://s3.example.com.',
    })
  }
  return { url, shown: parsed.origin }
}

async function createClient(endpoint: Endpoint | undefined, region: string | undefined): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3')
  const settings = {
    maxAttempts: 1,
    // Not every store knows the newer checksums; what is written carries an MD5, which all know.
    requestChecksumCalculation: 'WHEN_REQUIRED' as const,
    // The library can check whole bodies only; a download in parts is checked as a file, once it is complete.
    responseChecksumValidation: 'WHEN_REQUIRED' as const,
    ...(endpoint === undefined ? {} : { endpoint: endpoint.url, forcePathStyle: endpoint.forcePathStyle }),
  }
  if (region !== undefined) return new S3Client({ ...settings, region })
  const client = new S3Client(settings)
  const found = await client.config.region().catch(() => undefined)
  return found === undefined ? new S3Client({ ...settings, region: 'us-east-1' }) : client
}

/** Where S3 says that the bucket is, in its answer to a request that went to the wrong region. */
function bucketRegion(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { $response, $metadata, Region } = error as Error & {
    $response?: { headers?: Record<string, string> }
    $metadata?: { httpStatusCode?: number }
    Region?: string
  }
  if ($metadata?.httpStatusCode !== 301 && $metadata?.httpStatusCode !== 400) return undefined
  return $response?.headers?.['x-amz-bucket-region'] ?? Region
}
