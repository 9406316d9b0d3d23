-- Capacity reservations: the free inventory rows repeat the hours of the used and unused slots beside them.
-- Variables: data, delivered_intervals.

CREATE OR REPLACE TABLE capacity_lines AS
WITH

slots AS (
  SELECT
    capacity.*,
    CASE WHEN usage_type LIKE 'USW2-%' THEN 'us-west-2' ELSE 'us-east-1' END AS region,
    CASE WHEN usage_type LIKE 'USW2-%' THEN 'c5.xlarge' ELSE 'm5.large' END AS instance_type,
    'arn:aws:ec2:' || region || ':' || accounts.id || ':capacity-reservation/cr-0' || hex_id(instance_type || accounts.id) AS reservation_arn,
    accounts.id AS account_id,
    accounts.name AS account_name,
    intervals.*,
    (intervals.hours * instances::BIGINT)::DECIMAL(18, 3) AS amount,
    cost_rate::DECIMAL(9, 5) AS rate
  FROM read_csv(getvariable('data') || '/capacity.csv', all_varchar = true) AS capacity
  JOIN accounts USING (role)
  CROSS JOIN intervals
  WHERE intervals.ordinal < getvariable('delivered_intervals')::BIGINT
)

SELECT
  'Usage' AS line_item_line_item_type,
  item_id(account_id || '/' || line) AS identity_line_item_id,
  time_interval,
  usage_start AS line_item_usage_start_date,
  usage_end AS line_item_usage_end_date,
  account_id AS line_item_usage_account_id,
  account_name AS line_item_usage_account_name,
  'AmazonEC2' AS line_item_product_code,
  usage_type AS line_item_usage_type,
  'RunInstances' AS line_item_operation,
  region || 'a' AS line_item_availability_zone,
  CASE resource WHEN 'reservation' THEN reservation_arn ELSE 'i-' || hex_id(line || account_id) END AS line_item_resource_id,
  amount AS line_item_usage_amount,
  rate_text(rate) AS line_item_unblended_rate,
  money(amount * rate) AS line_item_unblended_cost,
  enterprise_discount(money(amount * rate)) AS enterprise_amount,
  money(amount * rate) AS pricing_public_on_demand_cost,
  rate_text(rate) AS pricing_public_on_demand_rate,
  'Hrs' AS pricing_unit,
  'OnDemand' AS pricing_term,
  left(upper(md5(usage_type)), 16) AS product_sku,
  left(upper(md5(usage_type)), 16) || '.JRTCKXETXF.6YS6EN2CT7' AS pricing_rate_code,
  description AS line_item_line_item_description,
  'Amazon Elastic Compute Cloud' AS product_product_name,
  'Compute Instance' AS product_product_family,
  'AmazonEC2' AS product_servicecode,
  region AS product_region_code,
  instance_type AS product_instance_type,
  'Linux' AS product_operating_system,
  reservation_arn AS capacity_reservation_capacity_reservation_arn,
  status AS capacity_reservation_capacity_reservation_status,
  'ODCR' AS capacity_reservation_capacity_reservation_type
FROM slots;
