import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { readYaml, type YamlHints } from '../core/yaml.ts'

/** Who may ask, known by the SHA-256 of a token: the token itself is nowhere. */
export interface Client {
  readonly name: string
  /** In hexadecimal. */
  readonly sha256: string
  /** Targets whose statements it may see; undefined for all, the controller's summary and the journal included. */
  readonly targets: ReadonlySet<string> | undefined
}

const tokensFile = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of the token, 64 hexadecimal digits'),
        targets: z.array(z.string().min(1)).min(1, 'expected at least one target, or no such key for all').optional(),
      }),
    )
    .min(1, 'expected at least one token'),
})

const hints: YamlHints = {
  whole: 'the file of tokens',
  keys: 'A token has a name, a sha256 and targets.',
  values: 'docs/close.md shows a file of tokens.',
}

/**
 * The clients of a file of hashes, and of a token in the environment that may see everything. UserError when there is
 * neither, or the file is mistaken: an API that anybody may ask is not opened.
 */
export async function readClients(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly Client[]> {
  const token = env['FOCAL_TOKEN']
  if (token !== undefined && token.length < shortestToken) {
    throw new UserError(`FOCAL_TOKEN has ${token.length} characters: it could be guessed`, {
      hint: `Take at least ${shortestToken}, such as of \`openssl rand -hex 32\`.`,
    })
  }
  const own =
    token === undefined ? [] : [{ name: 'FOCAL_TOKEN', sha256: digest(token).toString('hex'), targets: undefined }]
  const clients = [...own, ...(file === undefined ? [] : await readTokensFile(file))]
  if (clients.length > 0) return clients
  throw new UserError('nobody could ask: there is no token', {
    hint: 'Set FOCAL_TOKEN, or name a file of hashes with --tokens; docs/close.md shows one.',
  })
}

const shortestToken = 20

async function readTokensFile(file: string): Promise<Client[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new UserError(`there is no file of tokens ${file}`, { hint: 'Mend the path after --tokens.', cause })
  }
  const { tokens } = readYaml(text, file, {}, tokensFile, hints).data
  return tokens.map(({ name, sha256, targets }) => ({ name, sha256, targets: targets && new Set(targets) }))
}

/** The client whose token an `Authorization` header bears. Takes the same time whichever it is, and when it is none. */
export function clientOf(header: string | undefined, clients: readonly Client[]): Client | undefined {
  const [, token = ''] = /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '') ?? []
  const shown = digest(token)
  let found: Client | undefined
  for (const client of clients) {
    if (timingSafeEqual(shown, Buffer.from(client.sha256, 'hex'))) found = client
  }
  return token === '' ? undefined : found
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}

export function maySee({ targets }: Client, target: string): boolean {
  return targets?.has(target) ?? true
}
