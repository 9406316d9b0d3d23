-- The invoice that a billing profile's actual cost adds up to. Variables: bill_files.
SELECT
  any_value(invoiceId) AS id,
  'Microsoft' AS issuer,
  any_value(billingProfileId) AS account,
  any_value(billingCurrency) AS currency,
  sum(costInBillingCurrency::DECIMAL(38, 18)) AS amount
FROM read_csv(getvariable('bill_files'), header = true, all_varchar = true);
