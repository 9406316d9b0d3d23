import type { KeyCoverage, Subject, ValueSpellings } from './coverage.ts'

/**
 * Lines for `dimensions:` of allocation.yaml that bring the spellings found together; undefined when the rules have
 * them all, or there is only one.
 */
export function suggest(
  { name, keys: known, relation }: Subject,
  keys: readonly KeyCoverage[],
  values: readonly ValueSpellings[],
): string | undefined {
  const related = keys.filter((key) => key.keys.some((spelling) => known.includes(spelling)))
  const families = new Set(related.map(({ family }) => family))
  const spellings = [...new Set([...known, ...related.flatMap((key) => key.keys)])]
  const untidy = relation === undefined && values.some(({ family }) => families.has(family))
  const missed = relation === undefined ? spellings.length > 1 : spellings.length > known.length
  if (!missed && !untidy) return undefined
  return [
    'dimensions:',
    `  ${name.replaceAll(/[^A-Za-z0-9]+/g, '_').toLowerCase()}:`,
    `    from: [${spellings.map((key) => JSON.stringify(`Tags.${key}`)).join(', ')}]`,
    '    normalise: [trim, lower]',
  ].join('\n')
}
