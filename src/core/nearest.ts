/** Which of the known names was probably meant: those within two slips of the pen, or equal but for letter case. */
export function nearest(name: string, known: readonly string[]): string[] {
  const written = name.toLowerCase()
  const ranked = known
    .map((candidate) => ({ candidate, slips: slipsBetween(written, candidate.toLowerCase()) }))
    .filter(({ candidate, slips }) => slips <= Math.min(2, Math.floor(candidate.length / 2)))
    .toSorted((a, b) => a.slips - b.slips)
  return ranked
    .filter(({ slips }) => slips === ranked[0]?.slips)
    .map(({ candidate }) => candidate)
    .slice(0, 3)
}

/** Levenshtein's distance. */
function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_none, index) => index)
  for (const [i, left] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, right] of b.split('').entries()) {
      const change = (row[j] ?? 0) + (left === right ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
