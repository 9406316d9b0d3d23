import { readFile } from 'node:fs/promises'
import { medianOf, noisy, type FormatResult, type Report } from './report.ts'

/** What changed from one benchmark to another: `node bench/compare.ts before.json after.json`. */
const [first, second] = await Promise.all(process.argv.slice(2, 4).map(readReport))
if (first === undefined || second === undefined)
  throw new Error('two files: node bench/compare.ts before.json after.json')
for (const result of second.results) {
  const earlier = first.results.find(({ format, rows }) => format === result.format && rows === result.rows)
  process.stdout.write(earlier === undefined ? `${result.format}: not in both\n` : compared(earlier, result))
}

async function readReport(file: string): Promise<Report> {
  return JSON.parse(await readFile(file, 'utf8')) as Report
}

function compared(before: FormatResult, after: FormatResult): string {
  const lines = Object.keys(after.tasks).map((task) => {
    const changes = (['seconds', 'processorSeconds', 'peakMegabytes', 'bytesOut'] as const).map((figure) => {
      const [from, to] = [medianOf(before, task, figure), medianOf(after, task, figure)]
      return `${figure} ${from.toPrecision(3)} → ${to.toPrecision(3)} (${((to / from - 1) * 100).toFixed(0)} %)`
    })
    return `  ${task}: ${changes.join(', ')}`
  })
  const trust = Math.max(before.noise, after.noise) > noisy ? ' (noisy: compare processor seconds)' : ''
  return [`${after.format}, ${after.rows} rows${trust}`, ...lines, ''].join('\n')
}
