import { z } from 'zod'

/** Columns of a file of invoices that are not called as in FOCUS's dataset InvoiceDetail. */
const invoiceColumns = z.strictObject({
  invoice: z.string().min(1).optional(),
  line: z.string().min(1).optional(),
  issuer: z.string().min(1).optional(),
  account: z.string().min(1).optional(),
  category: z.string().min(1).optional(),
  period: z.string().min(1).optional(),
  currency: z.string().min(1).optional(),
  amount: z.string().min(1).optional(),
  status: z.string().min(1).optional(),
  paymentCurrency: z.string().min(1).optional(),
  paymentAmount: z.string().min(1).optional(),
})

/** The `finance:` section: what month end needs beside the lake. Paths are absolute once loaded. */
export const financeSchema = z.strictObject({
  /** The cost that is charged to targets. */
  chargeOn: z.enum(['EffectiveCost', 'BilledCost'], 'expected EffectiveCost or BilledCost').default('EffectiveCost'),
  /** First month of the fiscal year, for year to date. */
  fiscalYearStart: z.int().min(1).max(12, 'expected a month from 1 to 12').default(1),
  reportingCurrency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected a currency code such as EUR')
    .optional(),
  rates: z.string().min(1).optional(),
  rateKind: z.enum(['average', 'invoice', 'budget'], 'expected average, invoice or budget').default('average'),
  /** A file in YAML, or a table in CSV or Parquet with what its columns are called. */
  invoices: z
    .union([
      z
        .string()
        .min(1)
        .transform((file) => ({ file, columns: {} })),
      z.strictObject({ file: z.string().min(1), columns: invoiceColumns.default({}) }),
    ])
    .optional(),
  budgets: z.string().min(1).optional(),
  /** Who may prepare a month and who may approve it; anybody when there is no list. Nobody approves what they prepared. */
  close: z
    .strictObject({
      preparers: z.array(z.string().min(1)).min(1).optional(),
      approvers: z.array(z.string().min(1)).min(1).optional(),
    })
    .optional(),
  journal: z
    .strictObject({
      /** The company that pays the providers; the targets' companies owe it. */
      payer: z.string().min(1),
      /** Account that the providers' invoices were posted to, and that the chargeback relieves. */
      clearingAccount: z.string().min(1),
      clearingCostCentre: z.string().min(1).optional(),
      /** Account between two companies; needed once there are two. */
      intercompanyAccount: z.string().min(1).optional(),
      /** Company code of each legal entity in the ledger; the legal entity's own name when there is no list. */
      companies: z.record(z.string(), z.string().min(1)).optional(),
      /** What the ledger calls each account, such as `6401 Cloud`; when there is a list, other accounts are refused. */
      accounts: z.record(z.string(), z.string().min(1)).optional(),
      /** Name of the tax rate that bears no tax, where a ledger wants one on each line. */
      taxRate: z.string().min(1).default('Tax Exempt'),
    })
    .optional(),
})

export type Finance = z.output<typeof financeSchema>
export type InvoiceColumns = z.output<typeof invoiceColumns>
