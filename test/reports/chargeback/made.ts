import { buildChargeback } from '../../../src/reports/chargeback/build.ts'
import type { Chargeback } from '../../../src/reports/chargeback/model.ts'
import { chargebackInput, earlier, posting } from './postings.ts'

const share = { kind: 'shared', pool: 'database', rule: 'by-queries', lineIssuer: null, lineCategory: null } as const

/** Two currencies, two cost centres, accounts that differ in a leading zero, and names that mean harm. */
export function harmfulChargeback(): Chargeback {
  const details = [
    posting({ exact: '1250.125' }),
    posting({ exact: '0.005', service: '=HYPERLINK("http://evil.example","click")', subAccountName: '+49 89' }),
    posting({ exact: '33.33', ...share }),
    posting({ exact: '66.67', ...share, target: 'search', costCentre: 'CC-1200', glAccount: '0640100' }),
    posting({ exact: '-12.5', kind: 'credit', lineCategory: null, lineIssuer: null, service: '-cmd|calc' }),
    posting({
      exact: '4',
      target: 'search',
      costCentre: '=CC',
      glAccount: '640*',
      lineCategory: '<b>Compute</b> & "more"',
    }),
    posting({
      exact: '1.5',
      kind: 'unallocated',
      reason: 'untagged',
      target: 'search',
      costCentre: null,
      glAccount: null,
    }),
    posting({ exact: '99.995', currency: 'EUR', lineCategory: '@SUM(1)' }),
  ]
  const input = chargebackInput(details)
  return buildChargeback({
    ...input,
    postings: { ...input.postings, earlier: [earlier('2026-09', { exact: '1000' })] },
  })
}
