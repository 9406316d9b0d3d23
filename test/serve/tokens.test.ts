import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { describeError } from '../../src/core/errors.ts'
import { clientOf, maySee, readClients } from '../../src/serve/tokens.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const hash = (token: string) => createHash('sha256').update(token).digest('hex')

function tokensFile(...lines: string[]): string {
  const file = path.join(temporaryFolder(), 'tokens.yaml')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const failure = async (work: Promise<unknown>) =>
  describeError(
    await work.then(
      () => 'none',
      (error: unknown) => error,
    ),
  )

test('tokens come from the environment and from a file of hashes', async () => {
  const file = tokensFile(
    'tokens:',
    `  - { name: erp, sha256: ${hash('all-of-it')} }`,
    `  - { name: search, sha256: ${hash('some-of-it')}, targets: [search] }`,
  )
  const clients = await readClients(file, { FOCAL_TOKEN: 'of-the-environment-0123' })
  const seen = (token: string) => {
    const client = clientOf(`Bearer ${token}`, clients)
    return client && [client.name, maySee(client, 'search'), maySee(client, 'payments')]
  }
  expect(seen('of-the-environment-0123')).toEqual(['FOCAL_TOKEN', true, true])
  expect(seen('all-of-it')).toEqual(['erp', true, true])
  expect(seen('some-of-it')).toEqual(['search', true, false])
  expect(seen('none-of-it')).toBeUndefined()
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic all-of-it', 'all-of-it']) {
    expect(clientOf(header, clients)).toBeUndefined()
  }
  expect(clientOf('bearer all-of-it', clients)?.name).toBe('erp')
})

test('an API that nobody could ask, or anybody, is not opened', async () => {
  expect(await failure(readClients(undefined, {}))).toBe(`nobody could ask: there is no token
  hint: Set FOCAL_TOKEN, or name a file of hashes with --tokens; docs/close.md shows one.`)
  expect(await failure(readClients(undefined, { FOCAL_TOKEN: 'secret' })))
    .toBe(`FOCAL_TOKEN has 6 characters: it could be guessed
  hint: Take at least 20, such as of \`openssl rand -hex 32\`.`)
  expect(await failure(readClients('/nowhere/tokens.yaml', {}))).toBe(`there is no file of tokens /nowhere/tokens.yaml
  hint: Mend the path after --tokens.`)
  const written = tokensFile('tokens:', '  - name: erp', '    sha256: my-own-token')
  expect(await failure(readClients(written, {})))
    .toBe(`tokens.0.sha256: expected the SHA-256 of the token, 64 hexadecimal digits
  where: file ${written}, line 3
  hint: docs/close.md shows a file of tokens.`)
})
