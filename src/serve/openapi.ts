import { defaultLimit, greatestLimit } from './paging.ts'

/** The API described as OpenAPI 3.1. */
export function openApi(version: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'focal statements',
      version,
      description:
        'Statements, lines and journals of a monthly chargeback. Read-only. Amounts are decimal text. An ETag is the id of the chargeback: while it stays, so does every answer about the month.',
    },
    security: [{ token: [] }],
    paths: {
      '/v1/periods': get(
        'Months with something allocated, and where each stands',
        object({ items: array(ref('Period')) }),
      ),
      '/v1/periods/{period}': get('A month: totals by target; the summary for tokens that may see all', ofPeriod(), [
        period,
      ]),
      '/v1/periods/{period}/statements': get('Statements without their lines', page(ref('Statement')), [
        period,
        ...paging,
      ]),
      '/v1/periods/{period}/statements/{target}': get(
        'The statements of a target, one for each currency, with lines and details',
        ofPeriod({ statements: array(ref('Statement')) }),
        [period, { name: 'target', in: 'path', required: true, schema: text }],
      ),
      '/v1/periods/{period}/lines': get('Lines of all statements, flat', page(ref('Line')), [
        period,
        { name: 'target', in: 'query', schema: text, description: 'Only the lines of this target' },
        ...paging,
      ]),
      '/v1/periods/{period}/journal': get(
        'Postings for the general ledger',
        ofPeriod({ journals: array(ref('Journal')) }),
        [period, { name: 'kind', in: 'query', schema: { enum: ['final', 'accrual'], default: 'final' } }],
      ),
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas, responses },
  }
}

const text = { type: 'string' }
const nullableText = { type: ['string', 'null'] }
const decimal = { type: 'string', pattern: String.raw`^-?\d+(\.\d+)?$`, description: 'Exact decimal' }
const month = { type: 'string', pattern: String.raw`^\d{4}-(0[1-9]|1[0-2])$` }
const state = { enum: ['open', 'preliminary', 'review', 'closed'] }

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const array = (items: object) => ({ type: 'array', items })
const object = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
})
const ofPeriod = (more: Readonly<Record<string, object>> = {}) =>
  object({ period: month, state, runId: text, asOf: text, ...more })
const page = (items: object) => ofPeriod({ items: array(items), next: nullableText })

const period = { name: 'period', in: 'path', required: true, schema: month, example: '2026-10' }
const paging = [
  {
    name: 'limit',
    in: 'query',
    schema: { type: 'integer', minimum: 1, maximum: greatestLimit, default: defaultLimit },
  },
  { name: 'after', in: 'query', schema: text, description: '`next` of the page before' },
]

function get(summary: string, schema: object, parameters: readonly object[] = []): object {
  const ok = {
    description: 'As asked',
    headers: { ETag: { schema: text } },
    content: { 'application/json': { schema } },
  }
  const failures = Object.fromEntries(
    ['400', '401', '403', '404', '410'].map((status) => [status, { $ref: '#/components/responses/Problem' }]),
  )
  return { get: { summary, parameters, responses: { 200: ok, 304: { description: 'Not changed' }, ...failures } } }
}

const schemas = {
  Period: object({ period: month, state }),
  Statement: object({
    id: text,
    target: text,
    name: text,
    costCentre: nullableText,
    legalEntity: nullableText,
    mode: { enum: ['showback', 'chargeback', 'external', 'central'] },
    currency: text,
    total: decimal,
    charged: decimal,
    previous: decimal,
    yearToDate: decimal,
  }),
  Line: object({ kind: text, label: text, glAccount: nullableText, amount: decimal }),
  Journal: object({
    id: text,
    kind: { enum: ['final', 'accrual'] },
    company: text,
    currency: text,
    postingDate: { type: 'string', format: 'date' },
    reverseOn: nullableText,
    lines: array(object({ number: { type: 'integer' }, account: text, debit: nullableText, credit: nullableText })),
  }),
  Problem: object({ title: text, status: { type: 'integer' }, detail: text }),
}

const responses = {
  Problem: {
    description: 'Why not',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
}
