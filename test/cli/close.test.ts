import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { receiver } from '../notify/receiver.ts'
import { closingLake, month, payments, type ClosingLake } from '../pipeline/close/closing-lake.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { bin, focal } from './focal.ts'

/** A close from the command line, step by step: each test goes on where the one before ended. */

const folder = temporaryFolderOfFile()
let lake: ClosingLake

beforeAll(async () => {
  lake = closingLake(folder())
  for (const period of ['2026-09', '2026-10']) lake.deliver(period, 'd1')
  await lake.publish()
})

const run = (...words: string[]) => focal(lake.folder, words)
const top = ['allocation: ./allocation.yaml', 'periods: 12']
const of = ['--period', '2026-09']

test('a name is wanted, from --as or FOCAL_AS', async () => {
  expect(await run('close', ...of)).toEqual({
    code: 2,
    out: '',
    err: 'error: the books want to know who does it\n  hint: Say your name with --as, or with FOCAL_AS.\n',
  })
  expect(await run('close', '--period', 'May', '--as', 'anna')).toMatchObject({
    code: 2,
    err: 'error: "May" is not a billing period\n  hint: Write a month as 2026-10.\n',
  })
  const { code, out } = await focal(lake.folder, ['close', ...of], { env: { FOCAL_AS: 'anna' } })
  expect({ code, out }).toEqual({
    code: 0,
    out: `2026-09: preliminary.
Next: focal close --period 2026-09 --as NAME begins the review.
`,
  })
})

test('the review shows who is still to be heard of, and channels hear of it', async () => {
  const service = await receiver()
  lake.configure({ top, more: ['notify:', '  channels:', `    - { name: erp, type: webhook, url: '${service.url}' }`] })
  const { code, out, err } = await run('close', ...of, '--to', 'review', '--as', 'anna')
  lake.configure({ top })
  expect(service.bodies()).toMatchObject([
    { type: 'focal.statement-ready', data: { key: 'statement-ready-2026-09-2' } },
  ])
  expect({ code, out, err }).toEqual({
    code: 0,
    err: 'told erp: The statements of 2026-09 are ready for review: 2\n',
    out: `2026-09: review.

target    total  currency  says
────────  ─────  ────────  ────────────
payments   8.00  USD       not heard of
search     7.00  USD       not heard of

Next: targets say focal accept or focal dispute raise; then somebody other than anna says focal close --period 2026-09 --as NAME.
`,
  })
})

test('channels hear of a month that does not tie with its invoices', async () => {
  const service = await receiver()
  const notify = ['notify:', '  channels:', `    - { name: erp, type: webhook, url: '${service.url}' }`]
  writeFileSync(
    path.join(lake.folder, 'invoices.yaml'),
    'invoices:\n  - { id: INV-1, period: 2026-09, currency: USD, amount: 11 }\n',
  )
  lake.configure({ top: [...top, 'finance: { invoices: invoices.yaml }'], more: notify })
  const { code, err } = await run('reconcile', ...of)
  lake.configure({ top })
  expect({ code, err }).toEqual({ code: 4, err: 'told erp: 2026-09 does not tie with its invoices\n' })
  expect(service.bodies()).toMatchObject([{ type: 'focal.recon-failed' }])
})

test('targets accept, dispute, and are answered', async () => {
  const accepted = await run('accept', ...of, '--target', 'payments', '--comment', 'fine', '--as', 'carl')
  expect(accepted.out).toContain('payments   8.00  USD       accepted by carl: fine\n')
  expect((await run('dispute', 'raise', ...of, '--target', 'search', '--reason', 'not ours', '--as', 'sue')).out).toBe(
    'search disputes its statement of 2026-09: #1. It is closed once somebody says focal dispute resolve --period 2026-09 --number 1 --resolution TEXT --as NAME.\n',
  )
  expect(await run('close', ...of, '--as', 'bert')).toMatchObject({
    code: 2,
    err: `error: 2026-09 has an open dispute: #1 of search by sue: not ours
  hint: Resolve what is disputed: focal dispute resolve --period 2026-09 --number 1 …
`,
  })
  expect((await run('status')).out).toContain(`
period   books   prepared by  accepted  disputed  approved by
───────  ──────  ───────────  ────────  ────────  ───────────
2026-09  review  anna         1 of 2           1
`)
  expect((await run('dispute', 'resolve', ...of, '--number', '1', '--resolution', 'it is', '--as', 'anna')).out).toBe(
    'Dispute #1 of search about 2026-09 is resolved.\n',
  )
})

test('the approver is another than the preparer', async () => {
  expect(await run('close', ...of, '--as', 'anna')).toMatchObject({
    code: 2,
    err: `error: anna prepared 2026-09 and cannot approve it too
  hint: Somebody else closes it: focal close --period 2026-09 --as NAME.
`,
  })
  const { code, out } = await run('close', ...of, '--as', 'bert')
  expect(code).toBe(0)
  expect(out).toContain('The statements, the journal and evidence.zip are in reports/2026-09 of the lake.\n')
})

test('a restatement is posted by the next run, and other rules when somebody lets them', async () => {
  lake.deliver('2026-09', 'd2', [...month, { cost: '1', account: payments }])
  const { out } = await run('run')
  expect(out).toContain('corrections of closed months posted: in 2026-10: 2026-09 provider correction 1 USD\n')
  lake.rules({ payments: '50', search: '50' })
  expect((await run('correct', ...of, '--reason', 'half theirs', '--as', 'bert')).out).toBe(
    'The rules of today count for 2026-09 now. Corrections posted in 2026-10: 2026-09 provider correction 1 USD, 2026-09 rule change between targets.\n',
  )
  const { out: sums } = await run(
    'query',
    '--format',
    'csv',
    'SELECT x_Target, sum(EffectiveCost)::DECIMAL(9, 2) AS cost FROM corrections GROUP BY 1 ORDER BY 1',
  )
  expect(sums).toBe('x_Target,cost\npayments,0.00\nsearch,1.00\n')
})

test('the audit passes, and ends with 4 where something was altered', async () => {
  const { code, out } = await run('audit', 'verify')
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(
      /^Nothing was altered: 9 lines of the ledger, 1 closed month, \d+ files\.\nHead of the ledger: [0-9a-f]{64}\n$/,
    ) as string,
  })
  expect(await run('audit', 'verify', '--head', 'abc')).toMatchObject({
    code: 2,
    err: 'error: "abc" is not the head of a ledger\n  hint: It is a SHA-256 in hexadecimal, as `focal audit verify` prints it.\n',
  })
  const ledger = path.join(lake.lake, '_focal/ledger.jsonl')
  const whole = readFileSync(ledger, 'utf8')
  writeFileSync(ledger, whole.replace('"resolution":"it is"', '"resolution":"it is not"'))
  const altered = await run('audit', 'verify')
  expect(altered.code).toBe(4)
  expect(altered.out).toContain('  _focal/ledger.jsonl, line 5: the line is not as it was written\n')
  expect(await run('reopen', ...of, '--reason', 'x', '--as', 'bert')).toMatchObject({
    code: 1,
    err: `error: the line is not as it was written
  where: file _focal/ledger.jsonl, line 5
  hint: Nothing was changed. \`focal audit verify\` lists all that was altered; bring the file back from a backup.
`,
  })
  writeFileSync(ledger, whole)
})

test('a month is opened again by two', async () => {
  expect((await run('reopen', ...of, '--reason', 'wrong year', '--as', 'bert')).out).toBe(
    'bert asks for 2026-09 to be opened. It takes a second approver: focal reopen --period 2026-09 --reason TEXT --as NAME.\n',
  )
  expect((await run('reopen', ...of, '--reason', 'wrong year', '--as', 'zoe')).out).toBe(
    '2026-09 is open again. `focal allocate` brings it up to date.\n',
  )
})

test('focal serve answers until it is told to stop', async () => {
  expect(await run('serve', '--listen', 'here')).toMatchObject({
    code: 2,
    err: 'error: "here" is not a port\n  hint: Write --listen 8080, or --listen 0.0.0.0:8080.\n',
  })
  const token = 'a-token-of-the-environment'
  const child = spawn(process.execPath, [bin, 'serve', '--listen', '0'], {
    cwd: lake.folder,
    env: { PATH: process.env['PATH'], FOCAL_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let err = ''
  child.stderr.setEncoding('utf8')
  const ended = once(child, 'close')
  try {
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (text: string) => {
        err += text
        const found = /statements: (http:\S+)\/v1\/periods/.exec(err)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.once('close', () => reject(new Error(err)))
    })
    const response = await fetch(`${address}/v1/periods`, { headers: { authorization: `Bearer ${token}` } })
    expect(await response.json()).toMatchObject({ items: [{ period: '2026-09' }, { period: '2026-10' }] })
    expect((await fetch(`${address}/v1/periods`)).status).toBe(401)
  } finally {
    child.kill('SIGTERM')
  }
  expect(await ended).toEqual([0, null])
})
