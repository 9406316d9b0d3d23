import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { deliver } from '../pipeline/tiny-bill.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { focal, type Outcome } from './focal.ts'

/** A configuration beside two months of a tiny bill, each of 1.5 and 20 USD. */
export interface TwoMonths {
  readonly folder: string
  readonly bills: string
  run(...args: string[]): Promise<Outcome>
  /** Delivers September anew, with an amount that is none. */
  spoilSeptember(): void
}

export function twoMonths(): TwoMonths {
  const folder = temporaryFolder()
  const bills = path.join(folder, 'bills')
  const charges = [{ cost: '1.5' }, { cost: '20', service: 'AmazonEC2', account: '333344445555' }]
  for (const period of ['2026-09', '2026-10']) deliver(bills, { period, id: 'd1', charges })
  writeFileSync(
    path.join(folder, 'focal.yaml'),
    'lake: ./lake\nengine: { memoryLimit: 1GB, threads: 1 }\nsources:\n  - name: tiny\n    connector: aws\n    location: ./bills\n    until: 2026-10\n',
  )
  return {
    folder,
    bills,
    run: (...args) => focal(folder, args),
    spoilSeptember: () => deliver(bills, { period: '2026-09', id: 'd2', charges: [{ cost: 'one' }] }),
  }
}
