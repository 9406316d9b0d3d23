-- The invoice that a CUR 2.0 export adds up to. Variables: bill_files.
SELECT
  any_value(bill_invoice_id) AS id,
  any_value(bill_invoicing_entity) AS issuer,
  any_value(bill_payer_account_id) AS account,
  any_value(line_item_currency_code) AS currency,
  sum(line_item_net_unblended_cost::VARCHAR::DECIMAL(38, 18)) AS amount
FROM read_parquet(getvariable('bill_files'));
