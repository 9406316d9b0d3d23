import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { describeError, RetryableError, UserError } from '../../src/core/errors.ts'
import { send, type Channel } from '../../src/notify/index.ts'
import { failedRun, world } from './notices.ts'

interface MailServer {
  readonly port: number
  readonly messages: string[]
  readonly recipients: string[][]
}

async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const messages: string[] = []
  const recipients: string[][] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      let text = ''
      stream.setEncoding('utf8').on('data', (part: string) => (text += part))
      stream.on('end', () => {
        messages.push(text)
        recipients.push(session.envelope.rcptTo.map(({ address }) => address))
        done()
      })
    },
    ...options,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.server.address() as AddressInfo).port, messages, recipients }
}

const channel = (port: number, more: object = {}): Channel => ({
  name: 'mail',
  type: 'email',
  host: '127.0.0.1',
  port,
  encryption: 'none',
  from: 'focal@example.com',
  to: ['ops@example.com', 'finance@example.com'],
  ...more,
})

const sending = (port: number, more?: object) =>
  send({ notice: failedRun(), repeated: false }, channel(port, more), world)
const failure = (port: number, more?: object) => sending(port, more).catch((reason: unknown) => reason)

test('a message has a subject, plain text and an id that stays the same', async () => {
  const mail = await mailServer()
  await sending(mail.port)
  await sending(mail.port)
  const [first = '', second] = mail.messages
  const [head = '', body = ''] = first.split('\r\n\r\n', 1).concat(first.slice(first.indexOf('\r\n\r\n') + 4))
  expect(head).toContain('Subject: [focal] nightly failed')
  expect(head).toContain('Message-ID: <run-failed-nightly-1-abc@example.com>')
  expect(head).toContain('Auto-Submitted: auto-generated')
  expect(head).toContain('To: ops@example.com, finance@example.com')
  expect(body.trimEnd()).toBe(
    'nightly failed\r\n\r\naws-main 2026-10: the value is no amount\r\nfocal run ended with 1\r\nThe next run tries again.',
  )
  expect(second).toBe(first)
  expect(mail.recipients[0]).toEqual(['ops@example.com', 'finance@example.com'])
})

test('a line end in a title makes no header', async () => {
  const mail = await mailServer()
  const notice = failedRun({ title: 'a\r\nBcc: thief@example.com' })
  await send({ notice, repeated: false }, channel(mail.port), world)
  expect(mail.messages[0]).toContain('Subject: [focal] a Bcc: thief@example.com')
  expect(mail.recipients[0]).toEqual(['ops@example.com', 'finance@example.com'])
})

test('a server that is busy is asked again, and then later', async () => {
  let asked = 0
  const mail = await mailServer({
    onMailFrom(_address, _session, done) {
      asked += 1
      const busy = Object.assign(new Error('try again later'), { responseCode: 451 })
      done(asked < 3 ? busy : null)
    },
  })
  await sending(mail.port)
  expect({ asked, messages: mail.messages.length }).toEqual({ asked: 3, messages: 1 })
})

test('a server that refuses is asked once', async () => {
  let asked = 0
  const mail = await mailServer({
    onMailFrom(_address, _session, done) {
      asked += 1
      done(Object.assign(new Error('not from you'), { responseCode: 550 }))
    },
  })
  const error = await failure(mail.port)
  expect(error).toBeInstanceOf(UserError)
  expect(describeError(error)).toBe(
    'the mail server did not take the message: Mail command failed: 550 not from you\n  hint: Look at the settings of this channel, then: focal notify test.',
  )
  expect(asked).toBe(1)
})

test('a server without TLS never gets the password', async () => {
  let asked = false
  const mail = await mailServer({
    onAuth(_auth, _session, done) {
      asked = true
      done(null, { user: 'focal' })
    },
  })
  const error = await failure(mail.port, { encryption: 'starttls', user: 'focal', password: 'hush' })
  expect(error).toBeInstanceOf(UserError)
  expect({ asked, messages: mail.messages }).toEqual({ asked: false, messages: [] })
})

test('a server that is not there is for later', async () => {
  const mail = await mailServer()
  const error = await failure(mail.port === 1 ? 2 : 1)
  expect(error).toBeInstanceOf(RetryableError)
})
