-- The invoice that the files of one month add up to, in whole millionths: cost and credits of each row, and a row only
-- once. The export does not name the invoice. Variables: bill_files.
SELECT
  concat_ws('-', any_value(billing_account_id), any_value(invoice.month)) AS id,
  'Google Cloud' AS issuer,
  any_value(billing_account_id) AS account,
  any_value(currency) AS currency,
  sum(round(cost * 1e6)::HUGEINT + coalesce(list_sum(list_transform(credits, c -> round(c.amount * 1e6)::HUGEINT)), 0))::DECIMAL(30, 0)
    * 0.000001::DECIMAL(7, 6) AS amount
FROM (SELECT DISTINCT * FROM read_parquet(getvariable('bill_files')));
