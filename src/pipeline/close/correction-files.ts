import { isPeriod, type Period } from '../../core/period.ts'
import { partitionPath, type Partition, type Sink } from '../../sinks/sink.ts'

export interface CorrectionFile extends Partition {
  /** Relative to the lake. */
  readonly path: string
}

/** Every partition of `corrections/`, or those of one month; by month and source. */
export async function correctionFiles(lake: Sink, only?: Period): Promise<CorrectionFile[]> {
  const files: CorrectionFile[] = []
  for (const folder of await lake.listNames('corrections')) {
    const period = folder.replace('billing_period=', '')
    if (!isPeriod(period) || (only !== undefined && only !== period)) continue
    for (const name of await lake.listNames(`corrections/${folder}`)) {
      const partition = { dataset: 'corrections', period, source: name.replace('source=', '') }
      files.push({ ...partition, path: partitionPath(partition) })
    }
  }
  return files
}
