import { UserError, type Where } from '../core/errors.ts'

/**
 * The words of a command line: separated by blanks, kept together by single or double quotes. There is no shell, so
 * nothing else has a meaning. UserError when a quote is left open.
 */
export function splitWords(line: string, where: Where): string[] {
  const word = /(?:[^\s'"]|"[^"]*"|'[^']*')+|(\S)/g
  return [...line.matchAll(word)].map(([text, stray]) => {
    if (stray !== undefined) {
      throw new UserError(`the quote ${stray} is left open`, { where, hint: 'Close it, or leave it out.' })
    }
    return text.replaceAll(/"([^"]*)"|'([^']*)'/g, (_whole, double?: string, single?: string) => double ?? single ?? '')
  })
}
