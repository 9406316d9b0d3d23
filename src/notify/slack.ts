import { z } from 'zod'
import { bodyLines, cut, fitLines } from './fit.ts'
import type { NotifyWorld, Parcel } from './notice.ts'
import { postJson } from './post.ts'

export const slackOptions = z.strictObject({
  type: z.literal('slack'),
  url: z.url({ protocol: /^https?$/, error: "expected the address of an incoming webhook: '${SLACK_WEBHOOK}'" }),
})

const sign = { error: ':red_circle:', warning: ':large_yellow_circle:', info: ':large_green_circle:' } as const

/** An incoming webhook. Block Kit takes 150 characters in a header and 3,000 in a section. */
export async function sendSlack(
  parcel: Parcel,
  { url }: z.output<typeof slackOptions>,
  world: NotifyWorld,
): Promise<void> {
  const { title, severity } = parcel.notice
  const lines = bodyLines(parcel).map(escaped)
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: cut(title, { size: 150, measure: 'characters' }) } },
    ...(lines.length === 0
      ? []
      : [{ type: 'section', text: { type: 'mrkdwn', text: fitLines(lines, { size: 3000, measure: 'characters' }) } }]),
  ]
  // What notifications and screen readers say.
  const text = `${sign[severity]} ${cut(escaped(title), { size: 1000, measure: 'characters' })}`
  await postJson(url, JSON.stringify({ text, blocks }), {}, world)
}

/** The three characters that Slack's markup gives a meaning, so that a value cannot mention @channel. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
