-- Fees, credits and refunds of the month, and the rows that add up the others: discounts and tax.
-- Variables: anchor, month_start, month_end, data, first_row and last_row over the whole delivery.

-- Everything that discounts and tax are counted from, but the bulk.
CREATE OR REPLACE TABLE interval_lines AS
SELECT * FROM savings_plan_lines
UNION ALL BY NAME SELECT * FROM reservation_lines
UNION ALL BY NAME SELECT * FROM capacity_lines
UNION ALL BY NAME SELECT * FROM split_lines;

CREATE OR REPLACE TABLE charge_lines AS
WITH

dated AS (
  SELECT
    charges.* EXCLUDE (quantity),
    quantity::DECIMAL(18, 3) AS quantity,
    (amount::DECIMAL(18, 4) + monthly_noise(row_number() OVER (), 31) % varies_cents::BIGINT * 0.01::DECIMAL(3,
      2))::DECIMAL(18, 10) AS cost,
    CASE period
      WHEN 'month' THEN getvariable('month_start')::TIMESTAMP
      WHEN 'earlier' THEN getvariable('month_start')::TIMESTAMP - INTERVAL 12 DAY
      ELSE getvariable('month_start')::TIMESTAMP + INTERVAL 8 DAY
    END AS period_start,
    CASE period WHEN 'month' THEN getvariable('month_end')::TIMESTAMP ELSE period_start + INTERVAL 1 DAY END AS period_end,
    accounts.id AS account_id,
    accounts.name AS account_name
  FROM read_csv(getvariable('data') || '/monthly.csv', all_varchar = true) AS charges
  JOIN accounts USING (role)
)

SELECT
  line_item_type AS line_item_line_item_type,
  item_id(account_id || '/' || charge) AS identity_line_item_id,
  interval_text(period_start, period_end) AS time_interval,
  period_start AS line_item_usage_start_date,
  period_end AS line_item_usage_end_date,
  billing_entity AS bill_billing_entity,
  legal_entity AS line_item_legal_entity,
  account_id AS line_item_usage_account_id,
  account_name AS line_item_usage_account_name,
  product_code AS line_item_product_code,
  usage_type AS line_item_usage_type,
  operation AS line_item_operation,
  quantity AS line_item_usage_amount,
  rate_text(CASE WHEN quantity > 0 THEN cost ELSE 0 END) AS line_item_unblended_rate,
  cost AS line_item_unblended_cost,
  CASE WHEN charge = 'support' THEN enterprise_discount(cost) END AS enterprise_amount,
  CASE WHEN quantity > 0 AND billing_entity = 'AWS' THEN cost END AS pricing_public_on_demand_cost,
  unit AS pricing_unit,
  replace(description, '{plan}', (SELECT split_part(arn, '/',
    2) FROM savings_plans WHERE plan = 'compute-partial-upfront')) AS line_item_line_item_description,
  product_name AS product_product_name,
  product_code AS product_servicecode,
  CASE commitment WHEN 'reservation' THEN (SELECT arn FROM reservations WHERE reservation = 'ec2-flexible') END AS reservation_reservation_a_r_n,
  CASE commitment WHEN 'savings-plan' THEN (SELECT arn FROM savings_plans WHERE plan = 'compute-partial-upfront') END AS savings_plan_savings_plan_a_r_n
FROM dated;

CREATE OR REPLACE TABLE derived_lines AS
WITH

charged AS (
  SELECT line_item_usage_account_id, line_item_product_code, product_product_name, bill_billing_entity,
    line_item_line_item_type, line_item_unblended_cost, discount_type, discount_amount, enterprise_amount
  FROM usage_lines
  UNION ALL BY NAME
  SELECT line_item_usage_account_id, line_item_product_code, product_product_name, line_item_line_item_type,
    line_item_unblended_cost, discount_type, discount_amount, enterprise_amount
  FROM interval_lines
  UNION ALL BY NAME
  SELECT line_item_usage_account_id, line_item_product_code, product_product_name, bill_billing_entity,
    line_item_line_item_type, line_item_unblended_cost, enterprise_amount
  FROM charge_lines
),

by_product AS (
  SELECT
    line_item_usage_account_id,
    line_item_product_code,
    discount_type,
    any_value(product_product_name) AS product_product_name,
    any_value(coalesce(bill_billing_entity, 'AWS')) AS bill_billing_entity,
    sum(CASE WHEN line_item_line_item_type NOT IN ('Credit', 'Refund') THEN line_item_unblended_cost ELSE 0 END) AS charged,
    sum(coalesce(discount_amount, 0)) AS discounted,
    sum(coalesce(enterprise_amount, 0)) AS enterprise
  FROM charged
  GROUP BY line_item_usage_account_id, line_item_product_code, discount_type
),

-- In a gross report every discount is a row of its own, here one per account, product and kind.
discounts AS (
  SELECT line_item_usage_account_id, line_item_product_code, product_product_name, bill_billing_entity,
    discount_type AS line_item_line_item_type, discounted AS amount
  FROM by_product
  WHERE discounted <> 0
  UNION ALL
  SELECT line_item_usage_account_id, line_item_product_code, any_value(product_product_name),
    any_value(bill_billing_entity), 'EdpDiscount', sum(enterprise)
  FROM by_product
  GROUP BY line_item_usage_account_id, line_item_product_code
  HAVING sum(enterprise) <> 0
),

taxes AS (
  SELECT
    line_item_usage_account_id,
    line_item_product_code,
    any_value(product_product_name) AS product_product_name,
    any_value(bill_billing_entity) AS bill_billing_entity,
    round(sum(charged - discounted - enterprise) * 0.08, 2) AS tax
  FROM by_product
  GROUP BY line_item_usage_account_id, line_item_product_code
),

summed AS (
  SELECT *, money(-amount) AS cost, line_item_line_item_type || ' for ' || line_item_product_code AS description, NULL AS tax_type
  FROM discounts
  UNION ALL BY NAME
  SELECT * EXCLUDE (tax), 'Tax' AS line_item_line_item_type, money(tax) AS cost,
    'Tax for product code ' || line_item_product_code AS description, 'VAT' AS tax_type
  FROM taxes
  WHERE tax > 0
)

SELECT
  line_item_line_item_type,
  item_id(line_item_usage_account_id || '/' || description) AS identity_line_item_id,
  interval_text(getvariable('month_start')::TIMESTAMP, getvariable('month_end')::TIMESTAMP) AS time_interval,
  getvariable('month_start')::TIMESTAMP AS line_item_usage_start_date,
  getvariable('month_end')::TIMESTAMP AS line_item_usage_end_date,
  bill_billing_entity,
  line_item_usage_account_id,
  accounts.name AS line_item_usage_account_name,
  line_item_product_code,
  CASE WHEN tax_type IS NOT NULL THEN 1 ELSE 0 END::DECIMAL(18, 3) AS line_item_usage_amount,
  cost AS line_item_unblended_cost,
  tax_type AS line_item_tax_type,
  description AS line_item_line_item_description,
  product_product_name
FROM summed
JOIN accounts ON accounts.id = line_item_usage_account_id
ORDER BY identity_line_item_id;

-- What is not bulk, numbered so that it can be spread over the files of a delivery.
CREATE OR REPLACE TABLE other_lines AS
SELECT *, row_number() OVER (ORDER BY line_item_usage_start_date, line_item_line_item_type, identity_line_item_id) - 1 AS ordinal
FROM (
  SELECT * FROM interval_lines
  UNION ALL BY NAME SELECT * FROM charge_lines
  UNION ALL BY NAME SELECT * FROM derived_lines
)
ORDER BY ordinal;
