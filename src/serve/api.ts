import { createHash } from 'node:crypto'
import { isPeriod, type Period } from '../core/period.ts'
import type { Chargeback, Statement } from '../reports/chargeback/model.ts'
import type { JournalKind } from '../reports/journal/journal.ts'
import { ApiError, problem, tagged, type Answer } from './answer.ts'
import { openApi } from './openapi.ts'
import { pageOf } from './paging.ts'
import type { StatementSource } from './source.ts'
import { clientOf, maySee, type Client } from './tokens.ts'

export interface ApiRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly authorization: string | undefined
  readonly ifNoneMatch: string | undefined
}

export interface Api {
  readonly source: StatementSource
  readonly clients: readonly Client[]
  /** Of the program, for the OpenAPI document. */
  readonly version: string
}

/** Who asked, where that is known, and what they get. */
export interface Answered {
  readonly client: string | undefined
  readonly answer: Answer
}

/** Answers one request. Rejects only with what the client cannot mend. */
export async function answer(api: Api, request: ApiRequest): Promise<Answered> {
  const client = clientOf(request.authorization, api.clients)
  try {
    return { client: client?.name, answer: await route(api, request, client) }
  } catch (error) {
    if (error instanceof ApiError) return { client: client?.name, answer: problem(error) }
    throw error
  }
}

async function route(api: Api, request: ApiRequest, client: Client | undefined): Promise<Answer> {
  const { method, ifNoneMatch } = request
  if (method !== 'GET' && method !== 'HEAD') throw new ApiError(405, 'this API only reads', { allow: 'GET, HEAD' })
  const { pathname, searchParams } = new URL(request.url, 'http://api')
  const path = pathname.split('/').slice(1).map(decoded)
  if (pathname === '/openapi.json') return tagged(() => openApi(api.version), `openapi-${api.version}`, ifNoneMatch)
  if (pathname === '/healthz') return tagged(() => ({ alive: true }), 'alive', undefined)
  if (client === undefined) {
    throw new ApiError(401, 'a token is needed: Authorization: Bearer …', {
      'www-authenticate': 'Bearer realm="focal"',
    })
  }
  const [root, periods, period, part, target, ...more] = path
  if (root !== 'v1' || periods !== 'periods' || more.length > 0) throw unknown()
  if (period === undefined) return listPeriods(api, ifNoneMatch)
  const chargeback = await chargebackOf(api, period)
  const view = { api, chargeback, client, query: searchParams }
  const body = bodyOf(view, part, target)
  return tagged(body, chargeback.runId, ifNoneMatch)
}

interface View {
  readonly api: Api
  readonly chargeback: Chargeback
  readonly client: Client
  readonly query: URLSearchParams
}

/** What lies at a path below a period; 404 or 403 where there is nothing for the client. */
function bodyOf(view: View, part: string | undefined, target: string | undefined): () => unknown {
  if (part === 'statements' && target !== undefined) return statementsOf(view, target)
  if (target !== undefined) throw unknown()
  if (part === undefined) return () => overview(view)
  if (part === 'statements') return () => statementList(view)
  if (part === 'lines') return () => lines(view)
  if (part === 'journal') return journal(view)
  throw unknown()
}

async function listPeriods({ source }: Api, ifNoneMatch: string | undefined): Promise<Answer> {
  const items = await source.periods()
  const tag = createHash('sha256').update(JSON.stringify(items)).digest('hex')
  return tagged(() => ({ items }), tag, ifNoneMatch)
}

async function chargebackOf({ source }: Api, period: Period): Promise<Chargeback> {
  if (!isPeriod(period)) throw new ApiError(400, 'a period is a month such as 2026-10')
  const chargeback = await source.chargeback(period)
  if (chargeback === undefined) throw new ApiError(404, `nothing is allocated of ${period}`)
  return chargeback
}

/** What every part of a month has at its top. */
function head({ period, state, runId, asOf }: Chargeback) {
  return { period, state, runId, asOf }
}

function seen({ chargeback, client }: View): readonly Statement[] {
  return chargeback.statements.filter(({ target }) => maySee(client, target))
}

/** With the controller's summaries for who may see all. */
function overview(view: View) {
  const { chargeback, client } = view
  const { chargeOn, ruleSet, rates, summaries } = chargeback
  const shown = seen(view).map(({ target, currency, total }) => ({ target, currency, total }))
  const own = { ...head(chargeback), chargeOn, ruleSet, rates, statements: shown }
  return client.targets === undefined ? { ...own, summaries } : own
}

/** Without their lines, which are a resource of their own. */
function statementList(view: View) {
  const { chargeback, query } = view
  const short = seen(view).map(({ lines: _lines, ...statement }) => statement)
  return { ...head(chargeback), ...pageOf(short, chargeback.runId, query) }
}

/** One for each currency. A target that the client may not see is as unknown as one that there is not. */
function statementsOf(view: View, target: string): () => unknown {
  const own = seen(view).filter((statement) => statement.target === target)
  if (own.length === 0) throw new ApiError(404, `there is no statement of ${target} for ${view.chargeback.period}`)
  return () => ({ ...head(view.chargeback), statements: own })
}

/** Every line with its details, flat, of all statements or of one target's. */
function lines(view: View) {
  const { chargeback, query } = view
  const target = query.get('target')
  const flat = seen(view)
    .filter((statement) => target === null || statement.target === target)
    .flatMap((statement) =>
      statement.lines.map((line) => ({
        statement: statement.id,
        target: statement.target,
        currency: statement.currency,
        ...line,
      })),
    )
  return { ...head(chargeback), ...pageOf(flat, chargeback.runId, query) }
}

/** For who may see all: a journal balances only as a whole. */
function journal({ api, chargeback, client, query }: View): () => unknown {
  if (client.targets !== undefined) throw new ApiError(403, 'the journal is for tokens that may see every target')
  const kind = query.get('kind') ?? 'final'
  if (!isKind(kind)) throw new ApiError(400, 'kind is final or accrual')
  const journals = api.source.journals(chargeback, kind)
  if (journals === undefined) throw new ApiError(404, 'the configuration does not say how to post: finance.journal')
  return () => ({ ...head(chargeback), journals })
}

function isKind(text: string): text is JournalKind {
  return text === 'final' || text === 'accrual'
}

function unknown(): ApiError {
  return new ApiError(404, 'there is no such resource: /openapi.json lists all')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ApiError(400, 'the path is not encoded as URLs are')
  }
}
