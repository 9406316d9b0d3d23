import { inspect } from 'node:util'
import { CredentialUnavailableError } from '@azure/identity'
import { expect, test } from 'vitest'
import { openScope, scopeOptions } from '../../../../src/connectors/azure/consumption/index.ts'
import { DataError, describeError, RetryableError, UserError } from '../../../../src/core/errors.ts'
import { failure } from '../../../stores/s3-bench.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { bench, customerAgreement, enrollment, item, items, linesOf } from './bench.ts'
import { refusal, token } from './fake-consumption.ts'

const api = 'https://management.azure.com'
const html =
  '<html><head><style>p {}</style><title>Sign in</title></head><body><p>Please  sign in to\nthe proxy.</p></body></html>'

test.each([
  [
    'x-ms-ratelimit-microsoft.consumption-retry-after',
    { 'x-ms-ratelimit-microsoft.consumption-retry-after': '60' },
    60_500,
  ],
  [
    'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after',
    { 'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '12' },
    12_500,
  ],
  [
    'x-ms-ratelimit-microsoft.consumption-tenant-retry-after',
    { 'x-ms-ratelimit-microsoft.consumption-tenant-retry-after': '33' },
    33_500,
  ],
  ['Retry-After', { 'Retry-After': '7' }, 7500],
  [
    'the longest of several headers',
    {
      'Retry-After': '5',
      'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '30',
      'x-ms-ratelimit-microsoft.consumption-retry-after': '9',
    },
    30_500,
  ],
  ['the policy when no header says', {}, 500],
])('waits when it is throttled as long as %s says', async (_name, headers, wait) => {
  const { source, fake, waits } = await bench()
  fake.fail({ status: 200, body: '{"value": []}' }, refusal(429, 'TooManyRequests', headers))
  await source.delivery('2025-01')
  expect(waits).toEqual([wait])
})

test('asks for a page that fails again, and for no other', async () => {
  const { source, fake, waits } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(4))
  const pass = {
    status: 200,
    body: `{"value": [${item(0)}, ${item(1)}], "nextLink": "${api}/${enrollment}/providers/Microsoft.Consumption/usageDetails?metric=actualcost&$filter=properties/usageStart%20ge%20'2025-01-01'%20and%20properties/usageEnd%20le%20'2025-01-31'&$skiptoken=2"}`,
  }
  fake.fail(pass, { status: 500, body: '{}' }, refusal(503, 'ServiceUnavailable'))
  const { 'actual.ndjson': lines = [] } = await linesOf(source)
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['u0', 'u1', 'u2', 'u3'])
  expect(fake.requests()).toEqual([
    'actualcost 2025-01',
    'actualcost 2025-01 from 2',
    'actualcost 2025-01 from 2',
    'actualcost 2025-01 from 2',
    'amortizedcost 2025-01',
  ])
  expect(waits).toEqual([500, 1000])
})

test.each([
  ['before the answer', 0],
  ['in the middle of the body', 60],
])('asks again when the connection is reset %s', async (_when, resetAfter) => {
  const { source, fake, waits } = await bench()
  fake.put('actualcost', '2025-01', items(2))
  fake.fail({ resetAfter })
  expect((await linesOf(source))['actual.ndjson']).toHaveLength(2)
  expect(fake.requests()).toEqual(['actualcost 2025-01', 'actualcost 2025-01', 'amortizedcost 2025-01'])
  expect(waits).toEqual([500])
})

test('asks again when no answer comes', async () => {
  const { open, fake } = await bench()
  fake.put('actualcost', '2025-01', items(2))
  fake.fail({ silent: true })
  expect((await linesOf(await open(undefined, 200)))['actual.ndjson']).toHaveLength(2)
})

test.each([
  [
    'a web page',
    { status: 200, body: html },
    'the answer (200) is not usage details but "Sign in Please sign in to the proxy."',
  ],
  [
    'a web page for an error',
    { status: 502, body: html },
    'the answer (502) is not usage details but "Sign in Please sign in to the proxy."',
  ],
  [
    'half a page',
    { status: 200, body: '{"value": [{"id"' },
    'the answer (200) is not usage details but "{"value": [{"id""',
  ],
  [
    'an answer without rows',
    { status: 200, body: '{"message": "ok"}' },
    'the answer (200) is not usage details but "{"message": "ok"}"',
  ],
  ['no text', { status: 200, body: '' }, 'the answer (200) is not usage details but ""'],
  ['a broken server', refusal(500, 'InternalServerError'), 'InternalServerError (500)'],
])('gives up on %s after the attempts of the policy', async (_what, fault, reason) => {
  const { source, fake } = await bench()
  fake.fail(fault, fault, fault)
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(RetryableError)
  expect(describeError(error)).toBe(
    `the usage details of ${enrollment} could not be read from ${api}: ${reason}\n  where: 2025-01\n` +
      '  hint: It was tried up to 3 times. What was read is kept: a run later the same day goes on from there.',
  )
  expect(fake.requests()).toHaveLength(3)
})

test('does not wait for hours', async () => {
  const { source, fake, waits } = await bench()
  fake.fail(refusal(429, 'TooManyRequests', { 'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '3600' }))
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe(
    `the usage details of ${enrollment} could not be read from ${api}: TooManyRequests (429), which asks for a wait of 3600 s`,
  )
  expect(waits).toEqual([])
})

const role =
  'role Cost Management Reader on a subscription or management group, Billing Reader on a billing account (EA: enrollment or department reader).'
test.each([
  [
    401,
    'InvalidAuthenticationToken',
    `the Azure credentials in use are not accepted for ${enrollment} (InvalidAuthenticationToken)`,
    `Sign in again, for instance with \`az login\`, as an identity that has the ${role}`,
  ],
  [
    403,
    'AuthorizationFailed',
    `the usage details of ${enrollment} may not be read (AuthorizationFailed)`,
    `Give the identity in use the ${role}`,
  ],
  [
    404,
    'BillingAccountNotFound',
    `there is no scope ${enrollment} (BillingAccountNotFound)`,
    'Correct the scope; an identity also needs to be allowed to see it.',
  ],
  [
    422,
    'UnprocessableEntity',
    `Azure refuses the usage details of ${enrollment}: UnprocessableEntity (422), UnprocessableEntity as told by the test`,
    'Not every kind of account has usage details; a Cost Management export (location:) can be read for all.',
  ],
])('explains a %i, once and without the token', async (status, code, message, hint) => {
  const { source, fake, waits } = await bench()
  fake.fail(refusal(status, code))
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(UserError)
  expect(describeError(error)).toBe(`${message}\n  where: 2025-01\n  hint: ${hint}`)
  expect(fake.requests()).toHaveLength(1)
  expect(waits).toEqual([])
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(token)
})

test('says how credentials are found when there are none', async () => {
  const source = await openScope(
    scopeOptions.parse({ scope: enrollment }),
    { cacheDirectory: temporaryFolder(), baseDirectory: '/', env: {} },
    { credential: { getToken: () => Promise.reject(new CredentialUnavailableError('nothing is configured')) } },
  )
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(UserError)
  expect(error.message).toBe(`no Azure credentials to read the usage details of ${enrollment}`)
})

test('sends no token to another host', async () => {
  const { source, fake } = await bench()
  fake.fail({ status: 200, body: `{"value": [${item(0)}], "nextLink": "https://example.com/more"}` })
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(DataError)
  expect(describeError(error)).toBe(
    'the link to the next page leads to another host\n  where: column nextLink, value "https://example.com/more"\n' +
      '  hint: Something between here and Azure alters the answers (a proxy). Nothing was sent there.',
  )
})

test('refuses another endpoint than https', async () => {
  const opened = openScope(scopeOptions.parse({ scope: enrollment }), {
    cacheDirectory: temporaryFolder(),
    baseDirectory: '/',
    env: { AZURE_RESOURCE_MANAGER_ENDPOINT: 'http://127.0.0.1' },
  })
  const error = await failure(opened)
  expect(error).toBeInstanceOf(UserError)
  expect(error.message).toBe('AZURE_RESOURCE_MANAGER_ENDPOINT is not an https address')
})

test('refuses a charge of another month', async () => {
  const { source, fake } = await bench({ scope: customerAgreement, kind: 'legacy', currentMonth: '2025-02' })
  fake.put('actualcost', '2025-02', [item(0), item(1, { date: '2025-02-01' })])
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(DataError)
  expect(describeError(error)).toBe(
    'Azure gave a charge of another month than 2025-01, which would be counted twice\n' +
      '  where: file actual.ndjson, row 2, column properties.date, value "2025-02-01T00:00:00.0000000Z"\n' +
      '  hint: If the scope is of a Microsoft Customer Agreement, write agreement: modern; if of an Enterprise Agreement, legacy.',
  )
})

test('stops with the reason of an abort, also while it waits for an answer', async () => {
  const { open, fake } = await bench()
  const controller = new AbortController()
  const reason = new Error('the user pressed Ctrl-C')
  const source = await open(controller.signal)
  fake.fail({ silent: true })
  const stopped = source.delivery('2025-01')
  const asked = setInterval(() => {
    if (fake.urls.length > 0) controller.abort(reason)
  }, 5)
  await expect(stopped).rejects.toBe(reason)
  clearInterval(asked)
})
