-- Cost and Usage rows → the dataset BillingPeriod: one row for each issuer of invoices and billing period.
-- Variables: created, updated (when the unit was first and last published), status (open or closed, as the record says).
CREATE VIEW made AS
SELECT
  BillingPeriodStart,
  BillingPeriodEnd,
  CASE getvariable('status') WHEN 'closed' THEN 'Closed' ELSE 'Open' END AS BillingPeriodStatus,
  InvoiceIssuerName,
  CAST(getvariable('created') AS TIMESTAMPTZ) AS BillingPeriodCreated,
  CAST(getvariable('updated') AS TIMESTAMPTZ) AS BillingPeriodLastUpdated
FROM charges
GROUP BY BillingPeriodStart, BillingPeriodEnd, InvoiceIssuerName
ORDER BY InvoiceIssuerName, BillingPeriodStart;
