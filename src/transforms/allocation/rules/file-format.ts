import { z } from 'zod'
import { functions } from '../expression/functions.ts'
import { isKeyword } from '../expression/tokens.ts'
import { percentText } from './percent.ts'

/** allocation.yaml as it is written. Descriptions become the JSON Schema that editors show. */

const name = z.string().trim().min(1, 'expected a name')

const day = z.iso
  .date('expected a day such as 2026-04-01')
  .describe('A day such as 2026-04-01, in UTC. Compared with ChargePeriodStart.')

const validity = z
  .strictObject({ from: day.optional(), to: day.optional().describe('The first day after; the rule ends before it.') })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, 'expected from to be before to')
  .describe('When it holds, half-open: from the first day until before the day it ends.')

const condition = z
  .union([z.string(), z.boolean()], "expected a condition such as ChargeCategory = 'Tax'")
  .transform(String)
  .describe("A condition over FOCUS columns, Tags['key'] and dimensions, such as ChargeCategory = 'Tax'.")

const percent = z.union([z.number(), z.string()]).transform((written, context) => {
  const text = percentText(written)
  if (text !== undefined) return text
  context.issues.push({
    code: 'custom',
    input: written,
    message: 'expected a percentage such as 12.5, in quotes if it has more than 15 digits',
  })
  return z.NEVER
})

const mapping = z
  .union([z.record(z.string(), z.string()), z.string().endsWith('.csv')], {
    error: 'expected a table of texts, or the name of a CSV file',
  })
  .describe('From what is written to what it means, or a CSV file with the columns from and to.')

const target = z.strictObject({
  id: name.describe('How rules name it.'),
  name: name.optional().describe('For people; the id by default.'),
  parent: name.optional().describe('The target it belongs to, for totals.'),
  valid: validity.optional(),
  mode: z
    .enum(['showback', 'chargeback', 'external', 'central'])
    .default('showback')
    .describe('Shown only, posted to its cost centre, billed to a customer, or kept central on purpose.'),
  costCentre: z.string().optional(),
  glAccount: z.string().optional(),
  legalEntity: z.string().optional(),
  contact: z.string().optional(),
})

const targets = z
  .union([z.array(target), z.strictObject({ registry: z.string().endsWith('.csv') })], {
    error: 'expected a list of targets, or registry: with the name of a CSV file',
  })
  .describe('Who can owe money: a list, or registry: with a CSV file kept elsewhere.')

const source = z
  .union(
    [
      z.string().min(1),
      z
        .strictObject({
          column: z.string().describe('Such as SubAccountId: what is looked up.'),
          map: mapping.describe('From the column to the value: a table, or a CSV file.'),
          key: z.string().default('from').describe('The column of the CSV file that is looked up.'),
          value: z.string().default('to').describe('The column of the CSV file that has the value.'),
        })
        .describe('A value inherited from an account, project or other column, through a table.'),
    ],
    { error: 'expected Tags.key, a column, or column: with map:' },
  )
  .describe('Tags.team, another JSON column with its key, a column or an earlier dimension.')

const normaliser = z.union([z.enum(['trim', 'lower', 'upper']), z.strictObject({ map: mapping })], {
  error: 'expected trim, lower, upper or map:',
})

const dimension = z.strictObject({
  from: z
    .array(source)
    .min(1, 'expected at least one source')
    .describe('In order; the first that is not blank counts.'),
  normalise: z
    .array(normaliser)
    .default([])
    .describe('Applied in order to the value found. Blanks around it never count, so trim only says so.'),
  allow: z
    .union([z.literal('targets'), z.array(z.string()).min(1)], { error: 'expected targets, or a list of values' })
    .optional()
    .describe('Values that count. Another one makes the charge invalid_tag; it is never silently new.'),
})

const reasons = [
  'untagged',
  'invalid_tag',
  'no_rule',
  'low_coverage',
  'missing_telemetry',
  'zero_weight',
  'fixed_remainder',
  'idle',
  'system',
  'unallocated',
  'unused_commitment',
  'informed_ignore',
] as const

const reason = z.enum(reasons, `expected one of ${reasons.join(', ')}`)

const pool = z.strictObject({
  name: name.optional(),
  owner: name.optional().describe('The target that gets what cannot be split, with the reason.'),
  reason: reason.optional().describe('Why money rests here when nothing splits the pool.'),
})

const files = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
    error: 'expected a file, a folder or a list of them',
  })
  .describe('A file, a folder of files, or a list; relative to this file.')

const driver = z.strictObject({
  files,
  format: z.enum(['csv', 'parquet', 'opencost']).optional().describe('By the ending of the first file by default.'),
  columns: z
    .strictObject({
      key: z.string().optional().describe('Who used it: a target, or what map: turns into one.'),
      weight: z.string().optional().describe('How much.'),
      at: z.string().optional().describe('Start of the hour or day. Without it, the table is for the whole month.'),
      match: z.string().optional().describe('What the column named by match: in a split must equal, such as a node.'),
      validFrom: z.string().optional(),
      validTo: z.string().optional(),
    })
    .default({}),
  map: mapping.optional().describe('From keys to targets or pools, for keys that are not targets themselves.'),
  special: z
    .record(z.string(), reason)
    .optional()
    .describe('Keys that are nobody: idle, system, unallocated. Their part goes to the owner of the pool.'),
})

const assign = z.strictObject({
  id: name,
  valid: validity.optional(),
  when: condition,
  to: z
    .union(
      [
        z.strictObject({ target: name }),
        z.strictObject({ pool: name }),
        z.strictObject({ dimension: name, map: mapping.optional() }),
      ],
      { error: 'expected target:, pool: or dimension:' },
    )
    .describe('A target, a pool to be split, or the target that a dimension names.'),
})

const receivers = z
  .union([z.literal('all'), z.array(name).min(1)], { error: 'expected all, or a list of targets and pools' })
  .describe('Targets and pools, or all targets.')

const by = z
  .union(
    [
      z
        .strictObject({ fixed: z.record(z.string(), percent) })
        .describe('Percentages; what they leave rests with the owner.'),
      z.strictObject({ even: receivers }).describe('The same to each.'),
      z
        .strictObject({
          cost: z.enum(['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost']),
          basis: z
            .enum(['direct', 'direct+prior'])
            .describe('What was assigned to each, or that with what pools split earlier gave it.'),
          over: receivers.default('all'),
          when: condition.optional().describe('Only these charges weigh.'),
        })
        .describe('In proportion to cost.'),
      z
        .strictObject({
          usage: z.string().describe('The unit of ConsumedQuantity that is added up, such as GB.'),
          over: receivers.default('all'),
          when: condition.optional().describe('Only these charges weigh.'),
        })
        .describe('In proportion to the usage on the bill.'),
      z
        .strictObject({
          driver: name,
          match: z.string().optional().describe('The FOCUS column that must equal the driver row, such as ResourceId.'),
        })
        .describe('In proportion to a table: headcount, revenue or telemetry.'),
    ],
    { error: 'expected fixed:, even:, cost:, usage: or driver:' },
  )
  .describe('What the shares are in proportion to.')

const fallback = z.strictObject({ driver: name })

const split = z.strictObject({
  id: name,
  pool: name,
  valid: validity.optional(),
  by,
  grain: z.enum(['hour', 'day', 'month']).optional().describe('How often shares are worked out anew.'),
  coverage: z
    .strictObject({
      least: percent.describe('Percent of the hours or days of the pool that the driver must know of.'),
      below: z.union([z.enum(['hold', 'owner', 'error']), fallback]).default('hold'),
    })
    .optional(),
  onZeroWeight: z
    .union([z.enum(['hold', 'even', 'owner', 'error']), fallback])
    .default('hold')
    .describe('When nobody weighs anything. Money never vanishes: hold leaves it with the owner, as zero_weight.'),
  negatives: z
    .enum(['error', 'zero', 'abs'])
    .optional()
    .describe('What a negative weight means: an error for drivers, zero for cost and usage by default.'),
  cycle: z
    .union([z.literal('reciprocal'), z.strictObject({ stepDown: z.int().min(1) })])
    .optional()
    .describe('For pools that give to each other: solved exactly, or one after another in this order.'),
})

const dimensionName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'expected a dimension of small letters, digits and underscores')
  .refine((written) => !isKeyword(written) && !functions.has(written), 'expected no word of the expression language')

export const allocationFile = z
  .strictObject({
    version: z.literal(1, 'expected 1'),
    targets,
    dimensions: z
      .record(dimensionName, dimension)
      .default({})
      .describe('Virtual tags, in the order they are computed.'),
    pools: z.record(z.string(), pool).default({}).describe('Cost that waits to be split.'),
    drivers: z.record(z.string(), driver).default({}).describe('Tables of weights.'),
    assign: z.array(assign).describe('In order: the first rule that matches a charge on its date places it.'),
    default: z.strictObject({ pool: name }).describe('Where a charge goes that no rule places.'),
    split: z.array(split).default([]).describe('How the cost in a pool is divided.'),
    limits: z
      .strictObject({ unallocated: z.strictObject({ warn: percent.optional(), fail: percent.optional() }).default({}) })
      .prefault({})
      .describe('Percent of EffectiveCost that may be left without who caused it.'),
  })
  .describe('Allocation rules of focal.')

export type AllocationFile = z.output<typeof allocationFile>
export type WrittenTargets = AllocationFile['targets']
export type WrittenTarget = z.output<typeof target>
export type WrittenDimension = z.output<typeof dimension>
export type WrittenDriver = z.output<typeof driver>
export type WrittenAssign = z.output<typeof assign>
export type WrittenSplit = z.output<typeof split>
export type WrittenMapping = z.output<typeof mapping>
export type WrittenReceivers = z.output<typeof receivers>

/** The JSON Schema of allocation.yaml, for editors. */
export function jsonSchema(): object {
  return z.toJSONSchema(allocationFile, { io: 'input', target: 'draft-7' })
}
