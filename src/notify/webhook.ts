import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { NotifyWorld, Parcel } from './notice.ts'
import { postJson } from './post.ts'

export const webhookOptions = z.strictObject({
  type: z.literal('webhook'),
  url: z.url({ protocol: /^https?$/, error: 'expected an address such as https://example.com/hook' }),
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'expected whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)')
    .optional(),
})

/**
 * Any service of one's own, as Standard Webhooks (standardwebhooks.com) has it: the id is the notice's key and stays
 * the same whenever it is sent, so that the receiver can drop what it has.
 */
export async function sendWebhook(
  { notice }: Parcel,
  { url, secret }: z.output<typeof webhookOptions>,
  world: NotifyWorld,
): Promise<void> {
  const timestamp = String(Math.floor(world.now().getTime() / 1000))
  const body = JSON.stringify({ type: `focal.${notice.kind}`, timestamp: notice.at, data: notice })
  const headers = { 'webhook-id': notice.key, 'webhook-timestamp': timestamp }
  const signature = secret === undefined ? {} : { 'webhook-signature': sign(secret, notice.key, timestamp, body) }
  await postJson(url, body, { ...headers, ...signature }, world)
}

function sign(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
}
