import { isScalar, Scalar, type LineCounter, type Node } from 'yaml'

export type YamlPath = readonly (string | number)[]

/** The line of a node; with an offset into its text, the line and column of that character. Both count from 1. */
export function lineAndColumn(
  node: Node,
  source: string,
  lines: LineCounter,
  offset?: number,
): { line: number; column?: string } {
  const start = node.range?.[0] ?? 0
  if (offset === undefined || !isScalar(node) || typeof node.value !== 'string') {
    return { line: lines.linePos(start).line }
  }
  const { line, col } = lines.linePos(sourceOffset(node, node.value, source, start, offset))
  return { line, column: String(col) }
}

/**
 * Where a character of a text was written. YAML folds lines and indents blocks, so the way through the source is
 * counted in characters that are not blank.
 */
function sourceOffset(node: Scalar, value: string, source: string, start: number, offset: number): number {
  let at = start
  if (node.type === Scalar.QUOTE_SINGLE || node.type === Scalar.QUOTE_DOUBLE) at += 1
  if (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED) at = source.indexOf('\n', start) + 1
  for (const character of value.slice(0, offset).replaceAll(/\s/g, '')) {
    at = skipBlanks(source, at) + character.length
    // A quote within single quotes is written twice.
    if (character === "'" && node.type === Scalar.QUOTE_SINGLE) at += 1
  }
  return skipBlanks(source, at)
}

function skipBlanks(source: string, from: number): number {
  let at = from
  while (at < source.length && /\s/.test(source.charAt(at))) at += 1
  return at
}
