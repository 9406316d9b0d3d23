-- Cost and Usage rows → the dataset InvoiceDetail: one row for each line that the charges of an invoice add up to. Where
-- the rows name no line, a line is what one account is charged in one category. Dates, terms and purchase orders are
-- on the invoice alone: NULL.
CREATE VIEW made AS
WITH
invoiced AS (
  SELECT
    *,
    coalesce(
      InvoiceDetailId,
      concat_ws(':', InvoiceId, BillingAccountId, ChargeCategory, BillingCurrency)
    ) AS line_id,
    CASE WHEN InvoiceDetailId IS NULL THEN to_json({'BillingAccountId': BillingAccountId, 'ChargeCategory': ChargeCategory})::VARCHAR END AS line_grain
  FROM charges
  WHERE InvoiceId IS NOT NULL
)
SELECT
  CAST(sum(BilledCost) AS DECIMAL(38, 18)) AS BilledCost,
  BillingAccountId,
  BillingCurrency,
  BillingPeriodEnd,
  BillingPeriodStart,
  ChargeCategory,
  CAST(getvariable('created') AS TIMESTAMPTZ) AS InvoiceDetailCreated,
  line_grain AS InvoiceDetailGrain,
  line_id AS InvoiceDetailId,
  CAST(getvariable('updated') AS TIMESTAMPTZ) AS InvoiceDetailLastUpdated,
  InvoiceId,
  CASE getvariable('status') WHEN 'closed' THEN 'Issued' ELSE 'Open' END AS InvoiceIssueStatus,
  InvoiceIssuerName,
  -- Paid in the currency of the bill, unless an invoice says otherwise.
  BillingCurrency AS PaymentCurrency,
  CAST(sum(BilledCost) AS DECIMAL(38, 18)) AS PaymentCurrencyBilledCost,
  line_id AS PaymentCurrencyInvoiceDetailId,
  InvoiceId AS ReferenceInvoiceId
FROM invoiced
GROUP BY
  InvoiceId, line_id, line_grain, InvoiceIssuerName, BillingAccountId, BillingCurrency, BillingPeriodStart, BillingPeriodEnd,
  ChargeCategory
ORDER BY InvoiceIssuerName, InvoiceId, line_id, ChargeCategory, BillingAccountId;
