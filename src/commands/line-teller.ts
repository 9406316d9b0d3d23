import type { Output } from './terminal.ts'

/** Tells single lines, as text or as JSON lines like those of the events of a run. */
export async function lineTeller(output: Output, json: boolean): Promise<(line: string) => void> {
  if (!json) return (line) => output.write(`${line}\n`)
  const { pino } = await import('pino')
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => output.write(line) },
  )
  return (line) => log.info(line)
}
