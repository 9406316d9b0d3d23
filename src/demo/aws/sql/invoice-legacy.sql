-- The invoice that a legacy report adds up to. Variables: bill_files.
SELECT
  any_value("bill/InvoiceId") AS id,
  any_value("bill/InvoicingEntity") AS issuer,
  any_value("bill/PayerAccountId") AS account,
  any_value("lineItem/CurrencyCode") AS currency,
  sum("lineItem/UnblendedCost"::DECIMAL(38, 18)) AS amount
FROM read_csv(getvariable('bill_files'), header = true, all_varchar = true);
