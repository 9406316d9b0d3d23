import { z } from 'zod'
import { emailOptions, sendEmail } from './email.ts'
import { noticeKinds, type Notice, type NoticeKind, type NotifyWorld, type Parcel } from './notice.ts'
import { pagerDutyOptions, sendPagerDuty } from './pagerduty.ts'
import { sendSlack, slackOptions } from './slack.ts'
import { sendTeams, teamsOptions } from './teams.ts'
import { sendWebhook, webhookOptions } from './webhook.ts'

/** What every channel has, whatever its service. */
const shared = {
  /** How people and the outbox call it. */
  name: z.string().regex(/^[A-Za-z0-9][\w-]*$/, 'expected letters, digits, dash or underscore'),
  /** Kinds of notices that go there; all when absent. */
  events: z.array(z.enum(noticeKinds, `expected one of ${noticeKinds.join(', ')}`)).optional(),
}

const serviceOptions = [webhookOptions, slackOptions, teamsOptions, emailOptions, pagerDutyOptions] as const

type ServiceOptions = z.output<(typeof serviceOptions)[number]>

/** A place that notices go to. */
export type Channel = ServiceOptions & { readonly name: string; readonly events?: readonly NoticeKind[] | undefined }

export const channelSchema = z.discriminatedUnion(
  'type',
  [
    webhookOptions.extend(shared),
    slackOptions.extend(shared),
    teamsOptions.extend(shared),
    emailOptions.extend(shared),
    pagerDutyOptions.extend(shared),
  ],
  { error: 'expected one of webhook, slack, teams, email, pagerduty' },
)

/** What of a channel opens a door to whoever has it: it comes from the environment only. */
export const secretKeys = {
  webhook: ['secret'],
  slack: ['url'],
  teams: ['url'],
  email: ['password'],
  pagerduty: ['routingKey'],
} as const satisfies Record<Channel['type'], readonly string[]>

/** Whether the service keeps an incident open until it hears that it is over. */
export function keepsIncidents({ type }: Channel): boolean {
  return type === 'pagerduty'
}

/**
 * Whether the notice goes there. Who is woken by incidents hears of news only when `events` names them, since nobody
 * would end those; and an incident that was opened is resolved, whatever the channel wants to hear of.
 */
export function wants(channel: Channel, { kind, incident, over }: Notice): boolean {
  const { events } = channel
  if (events?.some((event) => event === kind)) return true
  return keepsIncidents(channel) ? incident !== undefined && (over || events === undefined) : events === undefined
}

/** Sends a notice. RetryableError: later perhaps; UserError: the service refuses it. */
export async function send(parcel: Parcel, channel: Channel, world: NotifyWorld): Promise<void> {
  switch (channel.type) {
    case 'webhook':
      return sendWebhook(parcel, channel, world)
    case 'slack':
      return sendSlack(parcel, channel, world)
    case 'teams':
      return sendTeams(parcel, channel, world)
    case 'email':
      return sendEmail(parcel, channel, world)
    case 'pagerduty':
      return sendPagerDuty(parcel, channel, world)
  }
}
