import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { channelSchema, secretKeys } from '../notify/index.ts'

/** The section `notify:` of a configuration. */
export const notifySchema = z.strictObject({
  // Decimal text, because it is compared exactly.
  restatedBy: z
    .union([z.number(), z.string()])
    .transform(String)
    .refine((text) => /^\d{1,3}(\.\d{1,6})?$/.test(text), 'expected a percentage such as 1 or 0.5')
    .default('1'),
  channels: z
    .array(channelSchema)
    .min(1, 'expected at least one channel')
    .superRefine((channels, context) => {
      channels.forEach(({ name }, index) => {
        if (channels.findIndex((other) => other.name === name) < index) {
          const message = `another channel is already called "${name}"`
          context.addIssue({ code: 'custom', path: [index, 'name'], message })
        }
      })
    }),
})

/**
 * UserError when a secret of a channel is written into the file instead of `${NAME}`: configurations are kept in
 * repositories. Call it after the file has been found valid.
 */
export function refuseWrittenSecrets(text: string, file: string): void {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true })
  const channels = document.getIn(['notify', 'channels'], true)
  const items = isNode(channels) && 'items' in channels ? (channels.items as unknown[]) : []
  items.forEach((channel, index) => {
    if (!isMap(channel)) return
    for (const key of secretKeys[String(channel.get('type')) as keyof typeof secretKeys] ?? []) {
      const value = channel.get(key, true)
      if (!isScalar(value) || /^\$\{\w+\}$/.test(String(value.value))) continue
      throw new UserError(`notify.channels.${index}.${key}: a secret must not be written into the configuration`, {
        where: { file, line: lines.linePos(value.range?.[0] ?? 0).line },
        hint: "Put it into the environment, and write its name: '${NAME}'.",
      })
    }
  })
}
