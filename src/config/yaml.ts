import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import type { z } from 'zod'
import { UserError, type Where } from '../core/errors.ts'

/**
 * A YAML text checked by a zod schema. UserError names line, key and what was expected; only the first
 * mistake is told, since later ones often follow from it.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  schema: Schema,
): z.output<Schema> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken) throw notYaml(broken.message, { file, line: lines.linePos(broken.pos[0]).line })
  substituteEnvironment(document, env, file, lines)
  const parsed = schema.safeParse(plainValue(document, file) ?? {})
  if (parsed.success) return parsed.data
  throw mistake(parsed.error, document, file, lines)
}

function notYaml(message: string, where: Where): UserError {
  const what = message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '')
  return new UserError(`this is not YAML: ${what}`, {
    where,
    hint: 'Mend the line; indentation counts, and values with : or # need quotes.',
  })
}

/** An alias that names nothing is only found out here. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS() as unknown
  } catch (error) {
    if (error instanceof ReferenceError) throw notYaml(error.message, { file })
    throw error
  }
}

/** Replaces `${NAME}` in every text of the document. */
function substituteEnvironment(
  document: Document,
  env: Readonly<Record<string, string | undefined>>,
  file: string,
  lines: LineCounter,
): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return
      node.value = node.value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_whole, name: string) => {
        const value = env[name]
        if (value !== undefined) return value
        throw new UserError(`the environment has no ${name}`, {
          where: { file, line: lines.linePos(node.range?.[0] ?? 0).line },
          hint: `Set it before running focal: export ${name}=…`,
        })
      })
    },
  })
}

function mistake(error: z.ZodError, document: Document, file: string, lines: LineCounter): UserError {
  // A misspelt key is often a required one that is missing too.
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0]
  if (issue === undefined) return new UserError('the configuration is wrong', { where: { file } })
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const line = lineOfKey(document, path, key, lines)
    return new UserError(`there is no key "${key}"${path.length > 0 ? ` in ${path.join('.')}` : ''}`, {
      where: { file, ...(line !== undefined && { line }) },
      hint: 'Is it misspelt? `focal init` writes every key with a comment.',
    })
  }
  const line = lineOfPath(document, path, lines)
  return new UserError(describeIssue(path, issue.message), {
    where: { file, ...(line !== undefined && { line }) },
    hint: '`focal init` writes an example with every key and what it takes.',
  })
}

function describeIssue(path: readonly (string | number)[], message: string): string {
  const what = message.replace('Invalid input: ', '')
  if (!what.endsWith('received undefined')) return `${path.join('.') || 'the configuration'}: ${what}`
  return `${path.slice(0, -1).join('.') || 'the configuration'} lacks the key "${path.at(-1)}"`
}

function lineOfKey(document: Document, path: readonly (string | number)[], key: string, lines: LineCounter) {
  const parent = path.length === 0 ? document.contents : document.getIn(path, true)
  if (!isMap(parent)) return undefined
  const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
  return isScalar(pair?.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : undefined
}

/** The line of the value, or of the nearest thing around it that is there. */
function lineOfPath(document: Document, path: readonly (string | number)[], lines: LineCounter): number | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return undefined
}
