import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finance } from '../../src/config/finance.ts'
import { lakeStatements } from '../../src/pipeline/close/statement-source.ts'
import { openApi } from '../../src/serve/openapi.ts'
import { serveApi, type Listening } from '../../src/serve/server.ts'
import type { Client } from '../../src/serve/tokens.ts'
import { closingLake, month, payments, type ClosingLake } from '../pipeline/close/closing-lake.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'

/** The API over a real lake and a real socket: September is closed, October is not. */

const folder = temporaryFolderOfFile()
const finance: Partial<Finance> = { journal: { payer: 'Acme', clearingAccount: '1499', taxRate: 'Tax Exempt' } }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const clients: Client[] = [
  { name: 'erp', sha256: sha256('a-token-that-sees-all'), targets: undefined },
  { name: 'search', sha256: sha256('a-token-of-search'), targets: new Set(['search']) },
]

let lake: ClosingLake
let listening: Listening
let told: string[] = []

beforeAll(async () => {
  lake = closingLake(folder())
  const rules = path.join(lake.folder, 'allocation.yaml')
  const charged = 'mode: chargeback, legalEntity: Acme, glAccount: "6400"'
  writeFileSync(rules, readFileSync(rules, 'utf8').replace('name: Payments', `name: Payments, ${charged}`))
  for (const period of ['2026-09', '2026-10']) lake.deliver(period, 'd1')
  await lake.publish()
  await lake.closeWhole('2026-09')
  const source = lakeStatements(await lake.context(finance))
  listening = await serveApi(
    { source, clients, version: '1.2.3' },
    { host: '127.0.0.1', port: 0, tell: (line) => told.push(line) },
  )
})

afterAll(() => listening.close())

interface Asked {
  readonly token?: string
  readonly etag?: string
  readonly method?: string
}

const ask = (resource: string, { token = 'a-token-that-sees-all', etag, method = 'GET' }: Asked = {}) =>
  fetch(`${listening.address}${resource}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    },
  })

async function body<Body>(resource: string, asked?: Asked): Promise<Body> {
  const response = await ask(resource, asked)
  expect(response.status).toBe(200)
  return (await response.json()) as Body
}

async function refusal(resource: string, asked?: Asked) {
  const response = await ask(resource, asked)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const { status, detail } = (await response.json()) as { status: number; detail: string }
  expect(status).toBe(response.status)
  return `${status}: ${detail}`
}

const kept = () =>
  JSON.parse(readFileSync(path.join(lake.lake, 'reports/2026-09/chargeback.json'), 'utf8')) as {
    runId: string
    statements: unknown[]
  }

describe('statements', () => {
  test('of every month, with where it stands', async () => {
    expect(await body('/v1/periods')).toEqual({
      items: [
        { period: '2026-09', state: 'closed' },
        { period: '2026-10', state: 'open' },
      ],
    })
  })

  test('of a closed month are those that were closed', async () => {
    const { statements } = await body<{ statements: unknown[] }>('/v1/periods/2026-09/statements/payments')
    expect(statements).toEqual([kept().statements[0]])
    expect(await body('/v1/periods/2026-09')).toMatchObject({
      period: '2026-09',
      state: 'closed',
      runId: kept().runId,
      statements: [
        { target: 'payments', currency: 'USD', total: '8.00' },
        { target: 'search', currency: 'USD', total: '7.00' },
      ],
      summaries: [{ currency: 'USD', total: '15.00' }],
    })
  })

  test('come without their lines in a list, and lines with theirs', async () => {
    const { items } = await body<{ items: object[] }>('/v1/periods/2026-09/statements')
    expect(items.map((item) => Object.keys(item).includes('lines'))).toEqual([false, false])
    const lines = await body<{ items: { target: string; amount: string; details: unknown[] }[] }>(
      '/v1/periods/2026-09/lines',
    )
    expect(lines.items.map(({ target, amount, details }) => [target, amount, details.length])).toEqual([
      ['payments', '2.00', 1],
      ['payments', '6.00', 1],
      ['search', '3.00', 1],
      ['search', '4.00', 1],
    ])
    const own = await body<{ items: unknown[] }>('/v1/periods/2026-09/lines?target=search')
    expect(own.items).toHaveLength(2)
  })

  test('and the journal, which balances', async () => {
    interface Line {
      readonly account: string
      readonly debit: string | null
      readonly credit: string | null
    }
    const { journals } = await body<{ journals: { id: string; lines: Line[] }[] }>('/v1/periods/2026-09/journal')
    expect(journals.map(({ id }) => id)).toEqual(['focal-2026-09-final-Acme-USD-1'])
    expect(journals[0]?.lines.map(({ account, debit, credit }) => [account, debit, credit])).toEqual([
      ['6400', '8.00', null],
      ['1499', null, '8.00'],
    ])
    const { journals: accruals } = await body<{ journals: { id: string }[] }>(
      '/v1/periods/2026-10/journal?kind=accrual',
    )
    expect(accruals.map(({ id }) => id)).toEqual([expect.stringMatching(/^focal-2026-10-accrual-/)])
  })
})

test('that were altered after the close are not served, and whoever runs the API is told', async () => {
  const file = path.join(lake.lake, 'reports/2026-09/chargeback.json')
  const content = readFileSync(file, 'utf8')
  writeFileSync(file, content.replace('"8.00"', '"0.80"'))
  told = []
  try {
    expect(await refusal('/v1/periods/2026-09')).toBe('500: the statements cannot be made at the moment')
    expect(told).toEqual([
      `GET /v1/periods/2026-09 500: the statements are not those that were closed
  where: 2026-09, file reports/2026-09/chargeback.json
  hint: \`focal audit verify\` lists all that was altered; bring the file back from a backup.`,
    ])
  } finally {
    writeFileSync(file, content)
  }
})

describe('pages', () => {
  test('follow one another without a gap', async () => {
    const seen: unknown[] = []
    let next: string | null = ''
    while (next !== null) {
      const page: { items: unknown[]; next: string | null } = await body(
        `/v1/periods/2026-09/lines?limit=3${next === '' ? '' : `&after=${next}`}`,
      )
      seen.push(page.items)
      next = page.next
    }
    const { items } = await body<{ items: unknown[] }>('/v1/periods/2026-09/lines')
    expect(seen).toEqual([items.slice(0, 3), items.slice(3)])
  })

  test('end where the statements change in between', async () => {
    const { next } = await body<{ next: string }>('/v1/periods/2026-10/lines?limit=1')
    lake.deliver('2026-10', 'd2', [...month, { cost: '1', account: payments }])
    await lake.publish()
    expect(await refusal(`/v1/periods/2026-10/lines?after=${next}`)).toBe(
      '410: the statements have changed since the page before: begin again without after',
    )
    expect(await body('/v1/periods/2026-10')).toMatchObject({ statements: [{ total: '9.00' }, { total: '7.00' }] })
  })

  test.each([
    ['limit=0', '400: limit is a whole number from 1 to 1000'],
    ['limit=1001', '400: limit is a whole number from 1 to 1000'],
    ['limit=ten', '400: limit is a whole number from 1 to 1000'],
    ['after=somewhere', '400: after is a cursor that an earlier page gave as next'],
  ])('of ?%s are refused', async (query, message) => {
    expect(await refusal(`/v1/periods/2026-09/lines?${query}`)).toBe(message)
  })
})

describe('an ETag', () => {
  test('is the id of the chargeback, and saves a client what it has', async () => {
    const response = await ask('/v1/periods/2026-09/lines')
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toBe(`"${kept().runId}"`)
    for (const shown of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask('/v1/periods/2026-09/lines', { etag: shown })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
    expect((await ask('/v1/periods/2026-09/lines', { etag: '"other"' })).status).toBe(200)
  })

  test('is kept from shared caches', async () => {
    const { headers } = await ask('/v1/periods')
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['private, no-cache', 'Authorization'])
  })
})

describe('who asks', () => {
  test.each([
    ['without a token', ''],
    ['with a wrong one', 'a-token-that-sees-al'],
    ['with a hash in place of a token', sha256('a-token-that-sees-all')],
  ])('%s is told to bring one', async (_how, token) => {
    const response = await ask('/v1/periods', { token })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="focal"'])
    expect(await refusal('/v1/periods/2026-09/journal', { token })).toBe(
      '401: a token is needed: Authorization: Bearer …',
    )
  })

  test('with a token of a target sees that target alone', async () => {
    const token = 'a-token-of-search'
    const targets = async (resource: string) =>
      (await body<{ items: { target: string }[] }>(resource, { token })).items.map(({ target }) => target)
    expect(await targets('/v1/periods/2026-09/statements')).toEqual(['search'])
    expect(await targets('/v1/periods/2026-09/lines')).toEqual(['search', 'search'])
    expect(await targets('/v1/periods/2026-09/lines?target=payments')).toEqual([])
    expect(await body('/v1/periods/2026-09', { token })).not.toHaveProperty('summaries')
    expect(await refusal('/v1/periods/2026-09/statements/payments', { token })).toBe(
      '404: there is no statement of payments for 2026-09',
    )
    expect(await refusal('/v1/periods/2026-09/journal', { token })).toBe(
      '403: the journal is for tokens that may see every target',
    )
  })

  test('is written down by name, never by token', async () => {
    told = []
    await ask('/v1/periods', { token: 'a-token-of-search' })
    await ask('/v1/periods', { token: 'guessed' })
    expect(told).toEqual(['GET /v1/periods 200 search', 'GET /v1/periods 401 nobody'])
  })
})

describe('what is not there', () => {
  test.each([
    ['/v1/periods/2026-08', '404: nothing is allocated of 2026-08'],
    ['/v1/periods/May', '400: a period is a month such as 2026-10'],
    ['/v1/periods/2026-09/statements/nobody', '404: there is no statement of nobody for 2026-09'],
    ['/v1/periods/2026-09/statements/%ff', '400: the path is not encoded as URLs are'],
    ['/v1/periods/2026-09/journal?kind=draft', '400: kind is final or accrual'],
    ['/v1/periods/2026-09/other', '404: there is no such resource: /openapi.json lists all'],
    ['/v2', '404: there is no such resource: /openapi.json lists all'],
  ])('%s', async (resource, message) => {
    expect(await refusal(resource)).toBe(message)
  })

  test('nothing is written', async () => {
    const response = await ask('/v1/periods', { method: 'POST' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    const head = await ask('/v1/periods', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })
})

describe('the OpenAPI document', () => {
  test('is there for anybody, and describes every resource', async () => {
    const document = await body<{ paths: Record<string, unknown> }>('/openapi.json', { token: '' })
    expect(document).toEqual(openApi('1.2.3'))
    const filled = Object.keys(document.paths).map((one) =>
      one.replace('{period}', '2026-09').replace('{target}', 'search'),
    )
    for (const resource of filled) expect([resource, (await ask(resource)).status]).toEqual([resource, 200])
  })

  test('has a schema behind every reference', async () => {
    const text = JSON.stringify(openApi('1'))
    const document = openApi('1') as { components: Record<string, Record<string, unknown>> }
    for (const [, kind = '', name = ''] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
      expect(document.components[kind]).toHaveProperty(name)
    }
  })
})
