import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import { UserError, type Where } from './errors.ts'
import { lineAndColumn, type YamlPath } from './yaml-place.ts'

/** What an error says of the file as a whole. */
export interface YamlHints {
  /** The file in a sentence, such as `the configuration`. */
  readonly whole: string
  /** Where a reader finds the keys that there are. */
  readonly keys: string
  /** Where a reader finds what a key takes. */
  readonly values: string
}

export interface YamlFile<Data> {
  readonly data: Data
  /** The line of a key or list item, or of the nearest thing around it; with an offset, the place of that character of a text. */
  readonly whereIs: (path: YamlPath, offset?: number) => Where
}

const configuration: YamlHints = {
  whole: 'the configuration',
  keys: 'Is it misspelt? `focal init` writes every key with a comment.',
  values: '`focal init` writes an example with every key and what it takes.',
}

/** `readYaml` for who needs no places afterwards. */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  schema: Schema,
): z.output<Schema> {
  return readYaml(text, file, env, schema, configuration).data
}

/**
 * A YAML text checked by a zod schema. UserError names line, key and what was expected; only the first
 * mistake is told, since later ones often follow from it.
 */
export function readYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  schema: Schema,
  hints: YamlHints,
): YamlFile<z.output<Schema>> {
  const lines = new LineCounter()
  // A key such as 0100 is a name, not a number.
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true })
  const [broken] = document.errors
  if (broken) throw notYaml(broken.message, { file, line: lines.linePos(broken.pos[0]).line })
  substituteEnvironment(document, env, file, lines)
  const parsed = schema.safeParse(plainValue(document, file) ?? {})
  if (!parsed.success) throw mistake(parsed.error, document, file, lines, hints)
  const whereIs = (path: YamlPath, offset?: number): Where => {
    const node = nearestNode(document, path)
    if (node === undefined) return { file }
    if (offset !== undefined) return { file, ...lineAndColumn(node, text, lines, offset) }
    // What a key holds may begin on the next line; people look for the key.
    const key = lineOfKey(document, path.slice(0, -1), String(path.at(-1)), lines)
    return { file, line: key ?? lineAndColumn(node, text, lines).line }
  }
  return { data: parsed.data, whereIs }
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

function mistake(error: z.ZodError, document: Document, file: string, lines: LineCounter, hints: YamlHints): UserError {
  const issue = tellingIssue(error.issues, document)
  if (issue === undefined) return new UserError(`${hints.whole} is wrong`, { where: { file } })
  const path = issue.path.filter((part) => typeof part !== 'symbol')
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? ''
    const line = lineOfKey(document, path, key, lines)
    return new UserError(`there is no key "${key}"${path.length > 0 ? ` in ${path.join('.')}` : ''}`, {
      where: { file, ...(line !== undefined && { line }) },
      hint: hints.keys,
    })
  }
  const node = nearestNode(document, path)
  return new UserError(describeIssue(path, issue.message, hints.whole), {
    where: { file, ...(node !== undefined && lineAndColumn(node, '', lines)) },
    hint: hints.values,
  })
}

type Issue = z.core.$ZodIssue

/** A misspelt key is often a required one that is missing too. */
function tellingIssue(issues: readonly Issue[], document: Document): Issue | undefined {
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  if (issue?.code === 'invalid_key') return { ...issue, message: issue.issues[0]?.message ?? issue.message }
  return issue?.code === 'invalid_union' ? insideUnion(issue, document) : issue
}

/** What is wrong with the one form that was meant, where that shows: its type fits and its own keys are all there. */
function insideUnion(union: z.core.$ZodIssueInvalidUnion, document: Document): Issue {
  const foreign = ({ path, code }: Issue) =>
    path.length === 0
      ? code !== 'unrecognized_keys' && code !== 'custom'
      : path.length === 1 && !document.hasIn([...union.path, ...path])
  const meant = union.errors.filter((issues) => issues.length > 0 && !issues.some(foreign))
  if (meant.length !== 1) return union
  const inside = (meant[0] ?? []).map((issue) => ({ ...issue, path: [...union.path, ...issue.path] }))
  return tellingIssue(inside, document) ?? union
}

function describeIssue(path: YamlPath, message: string, whole: string): string {
  const what = message.replace('Invalid input: ', '')
  if (!what.endsWith('received undefined')) return `${path.join('.') || whole}: ${what}`
  return `${path.slice(0, -1).join('.') || whole} lacks the key "${path.at(-1)}"`
}

function lineOfKey(document: Document, path: YamlPath, key: string, lines: LineCounter) {
  const parent = path.length === 0 ? document.contents : document.getIn(path, true)
  if (!isMap(parent)) return undefined
  const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
  return isScalar(pair?.key) && pair.key.range ? lines.linePos(pair.key.range[0]).line : undefined
}

/** The value at a path, or the nearest thing around it that is there. */
function nearestNode(document: Document, path: YamlPath): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node
  }
  return undefined
}
