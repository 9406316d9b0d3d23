-- One row per line item under CUR 2.0's column names: what every layout is written from. A view over the rows
-- of one file: the bulk from first_row to last_row, the others by their number.
-- Variables: first_row, last_row, part, parts, payer account, month_start, month_end, invoice_id.

CREATE OR REPLACE VIEW line_items AS
WITH

lines AS (
  SELECT * FROM usage_lines
  UNION ALL BY NAME
  SELECT * EXCLUDE (ordinal) FROM other_lines
  WHERE ordinal % getvariable('parts')::BIGINT = getvariable('part')::BIGINT
)

SELECT
  lines.* REPLACE (
    coalesce(lines.bill_billing_entity, 'AWS') AS bill_billing_entity,
    coalesce(lines.line_item_legal_entity, 'Amazon Web Services EMEA SARL') AS line_item_legal_entity,
    coalesce(lines.discount_amount, 0) AS discount_amount,
    coalesce(lines.enterprise_amount, 0) AS enterprise_amount,
    coalesce(lines.line_item_unblended_rate, rate_text(0)) AS line_item_unblended_rate
  ),
  'Anniversary' AS bill_bill_type,
  'Amazon Web Services EMEA SARL' AS bill_invoicing_entity,
  nullif(getvariable('invoice_id')::VARCHAR, '') AS bill_invoice_id,
  getvariable('month_start')::TIMESTAMP AS bill_billing_period_start_date,
  getvariable('month_end')::TIMESTAMP AS bill_billing_period_end_date,
  payer.id AS bill_payer_account_id,
  payer.name AS bill_payer_account_name,
  lines.time_interval AS identity_time_interval,
  'USD' AS line_item_currency_code,
  'USD' AS pricing_currency,
  coalesce(lines.discount_amount, 0) + coalesce(lines.enterprise_amount, 0) AS total_discount,
  -- The discount rows of a gross report are already taken off here: their own net is zero.
  CASE
    WHEN line_item_line_item_type LIKE '%Discount' THEN money(0)
    ELSE money(line_item_unblended_cost - total_discount)
  END AS line_item_net_unblended_cost,
  -- What each kind of discount took off, in the order of the keys that CUR 2.0 gives them.
  [
    CASE WHEN discount_type = 'BundledDiscount' THEN discount_amount::DOUBLE END,
    CASE WHEN lines.enterprise_amount <> 0 THEN lines.enterprise_amount::DOUBLE END,
    CASE WHEN discount_type = 'PrivateRateDiscount' THEN discount_amount::DOUBLE END,
    CASE WHEN discount_type = 'RiVolumeDiscount' THEN discount_amount::DOUBLE END,
    CASE WHEN discount_type = 'SppDiscount' THEN discount_amount::DOUBLE END,
    CASE WHEN discount_type = 'Discount' THEN discount_amount::DOUBLE END,
    CASE WHEN total_discount <> 0 THEN total_discount::DOUBLE END
  ] AS discount_amounts,
  CASE
    WHEN line_item_line_item_type IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage') THEN 'Usage'
    WHEN line_item_line_item_type IN ('Tax', 'Credit', 'Refund') THEN line_item_line_item_type
    WHEN line_item_line_item_type LIKE '%Discount' THEN 'Discount'
    ELSE 'Fees and plans'
  END AS category_charge_type,
  strftime(plan_start, '%Y-%m-%dT%H:%M:%S.000Z') AS savings_plan_start_time,
  strftime(plan_start + to_hours(8760) - INTERVAL 1 SECOND, '%Y-%m-%dT%H:%M:%S.000Z') AS savings_plan_end_time,
  strftime(reservation_start, '%Y-%m-%dT%H:%M:%S.000Z') AS reservation_start_time,
  strftime(reservation_start + to_hours(8760) - INTERVAL 1 SECOND, '%Y-%m-%dT%H:%M:%S.000Z') AS reservation_end_time
FROM lines
CROSS JOIN (SELECT id, name FROM accounts WHERE role = 'payer') AS payer;
