import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { deliver, type Charge } from '../tiny-bill.ts'

/** Teams of two companies; account 222233334444 is payments', 333344445555 search's, 444455556666 shop's. */
const rules = `version: 1
targets:
  - { id: payments, name: Payments, costCentre: CC-1100, glAccount: '640100', legalEntity: Acme GmbH, mode: chargeback }
  - { id: search, name: Search, costCentre: CC-1200, glAccount: '640100', legalEntity: Acme GmbH, mode: chargeback }
  - { id: shop, name: Shop, costCentre: CC-7000, glAccount: '640700', legalEntity: Acme Ltd, mode: chargeback }
  - { id: platform, name: Platform, costCentre: CC-1400, glAccount: '640200', legalEntity: Acme GmbH, mode: showback }
dimensions:
  team:
    from: [{ column: SubAccountId, map: { "222233334444": payments, "333344445555": search, "444455556666": shop } }]
    allow: targets
pools:
  shared: { owner: platform, name: Shared servers }
  unallocated: { owner: platform, reason: unallocated }
assign:
  - { id: shared, when: x_ProductCode = 'AmazonEC2', to: { pool: shared } }
  - { id: teams, when: true, to: { dimension: team } }
default: { pool: unallocated }
split:
  - { id: shared-even, pool: shared, by: { even: [payments, search, shop] } }
`

const config = `lake: ./lake
engine: { memoryLimit: 1GB, threads: 2 }
allocation: ./allocation.yaml
finance:
  journal:
    payer: Acme GmbH
    clearingAccount: '189000'
    intercompanyAccount: '150000'
sources:
  - name: tiny
    connector: aws
    location: ./bills
`

/** A configuration with rules and two months of a tiny bill below a folder; nothing is run yet. */
export function writeFinanceLake(folder: string): void {
  writeFileSync(path.join(folder, 'focal.yaml'), config)
  writeFileSync(path.join(folder, 'allocation.yaml'), rules)
  deliverMonth(folder, '2026-09', '10')
  // A third of it has no end, nor have its cents.
  deliverMonth(folder, '2026-10', '10.015')
}

function deliverMonth(folder: string, period: string, shared: string): void {
  const charges: Charge[] = [
    { cost: '2.004', account: '222233334444' },
    { cost: '3.004', account: '333344445555' },
    { cost: '4.004', account: '444455556666' },
    { cost: '5', account: '999988887777' },
    { cost: shared, account: '222233334444', service: 'AmazonEC2' },
  ]
  deliver(path.join(folder, 'bills'), { period, id: 'd1', charges })
}
