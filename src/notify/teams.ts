import { z } from 'zod'
import { bodyLines, cut, fitLines } from './fit.ts'
import type { NotifyWorld, Parcel } from './notice.ts'
import { postJson } from './post.ts'

export const teamsOptions = z.strictObject({
  type: z.literal('teams'),
  url: z.url({ protocol: /^https?$/, error: "expected the address of a Workflows webhook: '${TEAMS_WEBHOOK}'" }),
})

const color = { error: 'attention', warning: 'warning', info: 'good' } as const

/**
 * A Workflows webhook that posts the Adaptive Card it is given. The whole request may have 28 KB; the card's text is
 * held to 16 KB of JSON, because some tenants refuse from 21 KB on.
 */
export async function sendTeams(
  parcel: Parcel,
  { url }: z.output<typeof teamsOptions>,
  world: NotifyWorld,
): Promise<void> {
  const { title, severity } = parcel.notice
  const lines = bodyLines(parcel)
  const text = (content: string, look: object) => ({ type: 'TextBlock', text: plain(content), wrap: true, ...look })
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text(cut(title, { size: 1000, measure: 'bytes' }), { weight: 'Bolder', size: 'Medium', color: color[severity] }),
      ...(lines.length === 0 ? [] : [text(fitLines(lines, { size: 7000, measure: 'bytes' }), {})]),
    ],
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }
  await postJson(url, JSON.stringify({ type: 'message', attachments: [attachment] }), {}, world)
}

/** A card reads Markdown: a line end needs two, and the marks of a link or an emphasis are shown as they are. */
function plain(text: string): string {
  return text.replaceAll(/[\\*_[\]()`#~]/g, String.raw`\$&`).replaceAll('\n', '\n\n')
}
