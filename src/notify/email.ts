import { z } from 'zod'
import { RetryableError, UserError } from '../core/errors.ts'
import { retry } from '../core/retry.ts'
import { bodyLines, cut, fitLines } from './fit.ts'
import type { NotifyWorld, Parcel } from './notice.ts'
import { noticeRetryPolicy } from './post.ts'

const address = z.string().regex(/^[^\s@<>]+@[^\s@<>]+$/, 'expected an address such as ops@example.com')

export const emailOptions = z.strictObject({
  type: z.literal('email'),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(587),
  /** `starttls` asks for TLS on the way, `tls` begins with it, `none` is for a relay on the same machine. */
  encryption: z.enum(['starttls', 'tls', 'none']).default('starttls'),
  user: z.string().optional(),
  password: z.string().optional(),
  from: address,
  to: z.array(address).min(1, 'expected at least one address'),
})

type EmailOptions = z.output<typeof emailOptions>

const room = { size: 200_000, measure: 'bytes' } as const

/**
 * A plain text message. Its Message-ID follows from the notice, so that a mailbox that knows repeats has it once. No
 * password goes over a connection without TLS.
 */
export async function sendEmail(parcel: Parcel, options: EmailOptions, world: NotifyWorld): Promise<void> {
  const { createTransport } = await import('nodemailer')
  const { notice } = parcel
  const transport = createTransport({
    host: options.host,
    port: options.port,
    secure: options.encryption === 'tls',
    requireTLS: options.encryption === 'starttls',
    ignoreTLS: options.encryption === 'none',
    ...(options.user !== undefined && { auth: { user: options.user, pass: options.password ?? '' } }),
    connectionTimeout: 20_000,
    greetingTimeout: 20_000,
    socketTimeout: 20_000,
  })
  const domain = options.from.split('@')[1] ?? 'localhost'
  const message = {
    from: options.from,
    to: [...options.to],
    subject: `[focal] ${cut(notice.title.replaceAll(/\s+/g, ' '), { size: 200, measure: 'characters' })}`,
    text: `${fitLines([notice.title, '', ...bodyLines(parcel)], room)}\n`,
    date: new Date(notice.at),
    messageId: `<${notice.key}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  try {
    await retry(() => transport.sendMail(message), {
      policy: world.policy ?? noticeRetryPolicy,
      judge: verdict,
      signal: world.signal,
    })
  } catch (error) {
    world.signal?.throwIfAborted()
    throw explain(error)
  } finally {
    transport.close()
  }
}

/** Answers of 4xx ask for another try, those of 5xx do not (RFC 5321, 4.2.1); without an answer it was the network. */
function verdict(error: unknown): 'final' | Record<string, never> {
  const code = answerOf(error)
  if (code !== undefined) return code >= 500 ? 'final' : {}
  return isConfiguration(error) ? 'final' : {}
}

function answerOf(error: unknown): number | undefined {
  return error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number'
    ? error.responseCode
    : undefined
}

function isConfiguration(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['EAUTH', 'ETLS', 'EENVELOPE'].includes(String(error.code))
}

function explain(cause: unknown): Error {
  const what = `the mail server did not take the message: ${cause instanceof Error ? cause.message : String(cause)}`
  return verdict(cause) === 'final'
    ? new UserError(what, { hint: 'Look at the settings of this channel, then: focal notify test.', cause })
    : new RetryableError(what, { hint: 'Another try later may go through.', cause })
}
