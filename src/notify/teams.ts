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
 * A Workflows webhook that posts the Adaptive Card it is given. The whole request may have 28 KB; this
 * stays below 20, because some tenants refuse from 21 KB on.
 */
export async function sendTeams(
  parcel: Parcel,
  { url }: z.output<typeof teamsOptions>,
  world: NotifyWorld,
): Promise<void> {
  const { title, severity } = parcel.notice
  const lines = bodyLines(parcel).map(plain)
  const text = (content: string, look: object) => ({ type: 'TextBlock', text: content, wrap: true, ...look })
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text(cut(plain(title), { size: 1000, measure: 'bytes of JSON' }), {
        weight: 'Bolder',
        size: 'Medium',
        color: color[severity],
      }),
      ...(lines.length === 0 ? [] : [text(paragraphs(fitLines(lines, { size: 9000, measure: 'bytes of JSON' })), {})]),
    ],
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }
  await postJson(url, JSON.stringify({ type: 'message', attachments: [attachment] }), {}, world)
}

/** A card reads Markdown: the marks of a link or an emphasis are to be seen as they are. */
function plain(text: string): string {
  return text.replaceAll(/[\\*_[\]()`#~]/g, String.raw`\$&`)
}

/** One line end is a blank in Markdown. */
function paragraphs(text: string): string {
  return text.replaceAll('\n', '\n\n')
}
