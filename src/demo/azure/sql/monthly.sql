-- What is charged once or once a month. Variables: month_start, delivered_days, month_ordinal.
CREATE OR REPLACE VIEW monthly_lines AS
WITH
production AS (
  SELECT id AS subscription_id, name AS subscription_name
  FROM subscriptions
  WHERE role = 'production'
),
other AS (
  SELECT id AS other_id, name AS other_name
  FROM subscriptions
  WHERE role = 'data'
),
charges AS (
  FROM (VALUES
    (0, 0, 'Purchase', 'Recurring', 'Standard Support', 'Support', '', 'Azure', 'Microsoft', 1, 100.0, '', ''),
    (1, 2, 'Purchase', 'OneTime', 'Sendstuff - Gold', 'SaaS', 'Microsoft.SaaS', 'Marketplace', 'Sendstuff Inc.', 1, 49.9, '', ''),
    (2, 3, 'Purchase', 'Recurring', 'Domain acme.example', 'Azure App Service', 'Microsoft.Web', 'Azure', 'Microsoft', 1, 0.99, '', ''),
    (3, 5, 'Refund', 'OneTime', 'Standard Support', 'Support', '', 'Azure', 'Microsoft', 1, -12.5, '', 'earlier'),
    (4, 9, 'RoundingAdjustment', 'OneTime', 'Rounding Adjustment', '', '', 'Azure', 'Microsoft', 0, 0.004, '', ''),
    -- A cost allocation rule takes from one subscription and gives to the other.
    (5, 10, 'Usage', 'UsageBased', 'Shared platform', 'Virtual Machines', 'Microsoft.Compute', 'Azure', 'Microsoft', 1, -25.0, 'platform to data', ''),
    (6, 10, 'Usage', 'UsageBased', 'Shared platform', 'Virtual Machines', 'Microsoft.Compute', 'Azure', 'Microsoft', 1, 25.0, 'platform to data', '')
  ) AS t (line, day_ordinal, charge_type, frequency, product, meter_category, consumed_service, publisher_type, publisher_name, quantity, charged, rule, previous)
)
SELECT
  'monthly' AS part,
  line,
  getvariable('month_start')::DATE + day_ordinal AS day,
  charge_type,
  frequency,
  quantity::DECIMAL(18, 6) AS quantity,
  charged::DECIMAL(28, 14) AS charged,
  '' AS more_digits,
  CASE WHEN rule <> '' THEN 'OnDemand' END AS pricing_model,
  CASE WHEN line = 6 THEN other_id ELSE subscription_id END AS subscription_id,
  CASE WHEN line = 6 THEN other_name ELSE subscription_name END AS subscription_name,
  nullif(consumed_service, '') AS consumed_service,
  product,
  CASE WHEN charge_type <> 'RoundingAdjustment' THEN 'AAD-33' || lpad(line::VARCHAR, 3, '0') END AS part_number,
  CASE WHEN charge_type <> 'RoundingAdjustment' THEN 'DZH318Z0DS0' || line END AS product_id,
  CASE WHEN charge_type <> 'RoundingAdjustment' THEN uuid_of(product) END AS meter_id,
  nullif(meter_category, '') AS meter_category,
  CASE WHEN charge_type <> 'RoundingAdjustment' THEN product END AS meter_name,
  publisher_type,
  publisher_name,
  CASE WHEN rule <> '' THEN '1 Hour' ELSE '1' END AS unit_of_measure,
  nullif(rule, '') AS cost_allocation_rule,
  previous = 'earlier' AS corrects
FROM charges
CROSS JOIN production
CROSS JOIN other
WHERE day_ordinal < getvariable('delivered_days')::BIGINT;
