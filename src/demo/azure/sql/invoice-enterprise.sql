-- The invoice that an agreement's actual cost adds up to; the export of one such does not name it. Variables: bill_files.
SELECT
  concat_ws('-', 'EA', any_value(BillingAccountId), any_value(regexp_replace(BillingPeriodStartDate, '(..)/../(....)', '\2\1'))) AS id,
  'Microsoft' AS issuer,
  any_value(BillingAccountId) AS account,
  any_value(BillingCurrency) AS currency,
  sum(Cost::DECIMAL(38, 18)) AS amount
FROM read_csv(getvariable('bill_files'), header = true, all_varchar = true);
