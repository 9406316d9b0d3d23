import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Rules for the tiny bill: two teams by account, and a shared service (AmazonEC2) that is split among them. */
export interface TinyRules {
  /** Percent of the shared service. */
  readonly payments?: string
  readonly search?: string
  /** More top-level lines. */
  readonly more?: readonly string[]
}

/** Account 222233334444 is payments', 333344445555 search's; any other account is unallocated. */
export function rulesText({ payments = '60', search = '40', more = [] }: TinyRules = {}): string {
  return `${[
    'version: 1',
    'targets: [{ id: payments, name: Payments, costCentre: CC-1 }, { id: search }, { id: platform }]',
    'dimensions:',
    '  team:',
    '    from: [{ column: SubAccountId, map: { "222233334444": payments, "333344445555": search } }]',
    '    allow: targets',
    'pools:',
    '  shared: { owner: platform }',
    '  unallocated: { owner: platform, reason: unallocated }',
    'assign:',
    "  - { id: shared, when: x_ProductCode = 'AmazonEC2', to: { pool: shared } }",
    '  - { id: teams, when: true, to: { dimension: team } }',
    'default: { pool: unallocated }',
    'split:',
    '  - id: shared-fixed',
    '    pool: shared',
    `    by: { fixed: { payments: ${payments}, search: ${search} } }`,
    ...more,
  ].join('\n')}\n`
}

export function writeRules(folder: string, rules?: TinyRules): void {
  writeFileSync(path.join(folder, 'allocation.yaml'), rulesText(rules))
}
