import { z } from 'zod'
import { bodyLines, cut, fitLines } from './fit.ts'
import type { NotifyWorld, Parcel } from './notice.ts'
import { postJson } from './post.ts'

export const pagerDutyOptions = z.strictObject({
  type: z.literal('pagerduty'),
  routingKey: z
    .string()
    .regex(/^[0-9A-Za-z]{32}$/, "expected the 32 characters of an integration key: '${PAGERDUTY_KEY}'"),
  /** The service's address, for accounts in Europe: https://events.eu.pagerduty.com/v2/enqueue. */
  url: z.url({ protocol: /^https?$/ }).default('https://events.pagerduty.com/v2/enqueue'),
})

/**
 * Events API v2. The dedup_key is the incident, so that it is opened once, brought up to date, and resolved when it is
 * over. A summary takes 1,024 characters, an event 512 KB.
 */
export async function sendPagerDuty(
  parcel: Parcel,
  { routingKey, url }: z.output<typeof pagerDutyOptions>,
  world: NotifyWorld,
): Promise<void> {
  const { notice } = parcel
  const payload = {
    summary: cut(notice.title, { size: 1024, measure: 'characters' }),
    source: 'focal',
    severity: notice.severity,
    timestamp: notice.at,
    class: notice.kind,
    custom_details: { text: fitLines(bodyLines(parcel, { knowsRepeats: true }), { size: 100_000, measure: 'bytes' }) },
  }
  const event = {
    routing_key: routingKey,
    event_action: notice.over ? 'resolve' : 'trigger',
    dedup_key: cut(`focal/${notice.incident ?? notice.key}`, { size: 255, measure: 'characters' }),
    payload,
  }
  await postJson(url, JSON.stringify(event), {}, world)
}
