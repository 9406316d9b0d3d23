import { describe, expect, test } from 'vitest'
import { describeError, UserError } from '../../src/core/errors.ts'
import { redact } from '../../src/core/redact.ts'
import { focal } from '../cli/focal.ts'
import { twoMonths } from '../cli/two-months.ts'

/** Made up, and in parts, so that no scanner of repositories takes them for real. */
const key = ['AKIA', 'IOSFODNN7EXAMPLE'].join('')
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJmb2NhbCJ9', 'c2lnbmF0dXJl'].join('.')
const pem = ['-----BEGIN PRIVATE', 'KEY-----\nMIIEvQ\n-----END PRIVATE', 'KEY-----'].join(' ')
const slack = ['https://hooks.slack.com', 'services/T000/B000/abcdef'].join('/')

describe('a secret is not told', () => {
  test.each([
    ['a password in an address', 'smtp://focal:hush@mail.example.com', 'smtp://focal:[redacted]@mail.example.com'],
    [
      'a signed address',
      'https://acme.blob.core.windows.net/x?sv=2024&sig=abc%2B1&se=2026',
      'https://acme.blob.core.windows.net/x?sv=2024&sig=[redacted]&se=2026',
    ],
    [
      'a presigned address',
      `https://b.s3.amazonaws.com/k?X-Amz-Credential=${key}&X-Amz-Signature=0f`,
      'https://b.s3.amazonaws.com/k?X-Amz-Credential=[redacted]&X-Amz-Signature=[redacted]',
    ],
    ['a bearer token', 'authorization: Bearer abcdefgh.ijkl', 'authorization: Bearer [redacted]'],
    ['a password in a header', 'Authorization: Basic Zm9jYWw6aHVzaA==', 'Authorization: Basic [redacted]'],
    ['an access key', `the key ${key} is not valid`, 'the key [redacted] is not valid'],
    [
      'a connection string',
      'AccountName=acme;AccountKey=c2VjcmV0==;EndpointSuffix=x',
      'AccountName=acme;AccountKey=[redacted];EndpointSuffix=x',
    ],
    ['a private key', `key: ${pem} end`, 'key: [redacted] end'],
    ['a JWT', `token ${jwt}.`, 'token [redacted].'],
    ['a setting', 'client_secret: "hush-hush", tenant: a', 'client_secret: "[redacted]", tenant: a'],
    ['a signing secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw is bad', '[redacted] is bad'],
    ['a webhook that is one', `POST ${slack} failed`, 'POST https://hooks.slack.com/[redacted] failed'],
  ])('%s', (_what, text, told) => {
    expect(redact(text)).toBe(told)
  })

  test('and what is none is left alone', () => {
    const text = 'aws-main, 2026-10, file cur/20261001-20261101/tiny-1.csv.gz, row 12, column key, value "a?b=c"'
    expect(redact(text)).toBe(text)
  })

  test('in an error, wherever it stands', () => {
    const error = new UserError('cannot read https://x.example/?sig=abc', {
      where: { file: 'https://u:hush@x.example/f' },
      hint: `Look at ${key}.`,
    })
    expect(describeError(error)).toBe(
      'cannot read https://x.example/?sig=[redacted]\n  where: file https://u:[redacted]@x.example/f\n  hint: Look at [redacted].',
    )
    expect(describeError(new Error(`no ${key}`))).toBe('no [redacted]')
    expect(describeError(key)).toBe('[redacted]')
  })
})

test('a secret on the command line is not repeated, not even in a stack trace', async () => {
  const made = twoMonths()
  const { err, out } = await focal(made.folder, ['run', '--source', key, '--verbose'])
  expect(`${err}${out}`).toContain('there is no source "[redacted]"')
  expect(`${err}${out}`).not.toContain(key)
})
