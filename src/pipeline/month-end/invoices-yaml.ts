import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { UserError, type Where } from '../../core/errors.ts'
import { amountOfNumber, readAmount } from '../../core/money-text.ts'
import { isPeriod } from '../../core/period.ts'
import { readYaml } from '../../core/yaml.ts'
import { invoiceStatuses } from '../../reports/reconcile/model.ts'
import type { WrittenInvoice } from './invoices.ts'
import { chargeCategories } from './invoices-table.ts'

const name = z.string('expected a text; without quotes a number loses the zeros at its start').min(1)

const amount = z.union([z.string(), z.number()], 'expected an amount such as 1234.50').transform((written, context) => {
  const text = typeof written === 'number' ? amountOfNumber(written) : readAmount(written)
  if (text !== undefined) return text
  const hint = typeof written === 'number' ? '; put quotes around one of more than 15 digits' : ''
  context.addIssue({ code: 'custom', message: `expected an amount such as 1234.50${hint}` })
  return z.NEVER
})

const category = z.enum(chargeCategories, `expected one of ${chargeCategories.join(', ')}`)

const invoiceSchema = z.strictObject({
  id: name,
  issuer: name.optional(),
  period: z.string('expected a month such as 2026-10').refine(isPeriod, 'expected a month such as 2026-10'),
  currency: z.string('expected a currency code such as EUR').min(1),
  status: z.enum(invoiceStatuses, `expected one of ${invoiceStatuses.join(', ')}`).default('Issued'),
  account: name.optional(),
  amount: amount.optional(),
  lines: z
    .array(z.strictObject({ account: name.optional(), category: category.optional(), amount }))
    .min(1, 'expected at least one line')
    .optional(),
  payment: z.strictObject({ currency: z.string().min(1), amount }).optional(),
})

const fileSchema = z.strictObject({ invoices: z.array(invoiceSchema) })

const hints = {
  whole: 'the file of invoices',
  keys: 'Is it misspelt? docs/reconcile.md has every key.',
  values: 'docs/reconcile.md shows a whole file.',
}

/** Invoices as people write them by hand. */
export async function readInvoiceYaml(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<WrittenInvoice[]> {
  const { data, whereIs } = readYaml(await readText(file), file, env, fileSchema, hints)
  return data.invoices.map(({ issuer, account, lines, payment, amount: total, ...invoice }, at) => {
    const where = whereIs(['invoices', at, 'id'])
    const written: readonly WrittenLine[] | undefined = lines?.map((line, index) => ({
      ...line,
      where: whereIs(['invoices', at, 'lines', index, 'amount']),
    }))
    const all: readonly WrittenLine[] = written ?? [{ amount: required(total, invoice.id, where), where }]
    checkTotal(invoice.id, total, all, where)
    return {
      ...invoice,
      issuer: issuer ?? null,
      payment: payment ?? null,
      lines: all.map((line) => ({
        ...line,
        account: line.account ?? account ?? null,
        category: line.category ?? null,
      })),
      where,
    }
  })
}

interface WrittenLine {
  readonly account?: string | undefined
  readonly category?: string | undefined
  readonly amount: string
  readonly where: Where
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UserError(`there is no file of invoices ${file}`, {
      hint: 'finance.invoices in focal.yaml names it, relative to that file.',
      cause,
    })
  }
}

function required(total: string | undefined, id: string, where: Where): string {
  if (total !== undefined) return total
  throw new UserError(`the invoice ${id} has neither an amount nor lines`, { where, hint: 'Give it one of them.' })
}

function checkTotal(
  id: string,
  total: string | undefined,
  lines: readonly { readonly amount: string }[],
  where: Where,
): void {
  if (total === undefined) return
  const sum = lines.reduce((added, line) => added + toUnits(line.amount), 0n)
  if (sum === toUnits(total)) return
  throw new UserError(`the lines of the invoice ${id} add up to ${fromUnits(sum)}, and its amount is ${total}`, {
    where,
    hint: 'Mend the line or the amount, or leave the amount out.',
  })
}
