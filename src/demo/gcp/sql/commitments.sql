-- Committed use in both of Google's models, an interval at a time: fees, what they cover, and what goes beyond.
-- Variables: delivered_from, delivered_intervals, interval_hours.
CREATE OR REPLACE TABLE commitment_lines AS
WITH
slots AS (
  SELECT
    ordinal, usage_start, usage_end,
    getvariable('interval_hours')::BIGINT AS hours,
    -- Thousandths of full use: about every fourth interval uses it all.
    least(1000, 550 + monthly_noise(ordinal, 21) % 600) AS used_permille,
    monthly_noise(ordinal, 22) % 500 AS beyond_permille
  FROM intervals
  WHERE ordinal >= getvariable('delivered_from')::BIGINT AND ordinal < getvariable('delivered_intervals')::BIGINT
),

-- Newer model: 4 an hour of flexible spend. The usage has the commitment's price, 0.72 of the default.
newer AS (
  SELECT *, micros(4 * hours) AS fee,
    micros(2 * hours * used_permille * 0.001::DECIMAL(4, 3)) AS cores_cost,
    micros(2 * hours * used_permille * 0.001::DECIMAL(4, 3)) AS memory_cost
  FROM slots
),
-- Older model: a fee of 3 an hour pays for 4 an hour of Cloud SQL at its default price.
older AS (
  SELECT *, micros(3 * hours) AS fee, micros(4 * hours * used_permille * 0.001::DECIMAL(4, 3)) AS covered,
    micros(4 * hours * beyond_permille * 0.001::DECIMAL(4, 3)) AS beyond
  FROM slots
),
-- Cores and memory: 40 vCPU and 160 GiB.
resource AS (
  SELECT *, 40 * hours AS core_hours, 160 * hours AS memory_hours,
    (40 * hours * used_permille * 0.001::DECIMAL(4, 3))::DECIMAL(18, 3) AS covered_core_hours,
    (160 * hours * used_permille * 0.001::DECIMAL(4, 3))::DECIMAL(18, 3) AS covered_memory_hours,
    (8 * hours * beyond_permille * 0.001::DECIMAL(4, 3))::DECIMAL(18, 3) AS beyond_core_hours
  FROM slots
),

rows_made AS (
  SELECT ordinal, usage_start, usage_end, 'Compute Engine' AS service, 'Commitment - dollar based v1: GCE for 1 year' AS sku, 'flexible' AS subscription,
    fee AS cost, fee AS default_cost, hours::DECIMAL(18, 3) AS amount, 'hour' AS pricing_unit, NULL AS region, NULL AS machine, NULL AS model,
    'FEE_UTILIZATION_OFFSET' AS credit_type, 'Fee utilization offset' AS credit_name, -(cores_cost + memory_cost) AS credit_amount
  FROM newer
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Compute Engine', 'C3 Instance Core running in Frankfurt', 'flexible', cores_cost, micros(cores_cost / 0.72),
    (cores_cost / 0.72 / 0.04)::DECIMAL(18, 3), 'hour', 'europe-west3', 'c3-standard-22', 'Compute Flexible CUDs - 1 Year', NULL, NULL, 0
  FROM newer
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Compute Engine', 'C3 Instance Ram running in Frankfurt', 'flexible', memory_cost, micros(memory_cost / 0.72),
    (memory_cost / 0.72 / 0.005)::DECIMAL(18, 3), 'gibibyte hour', 'europe-west3', 'c3-standard-22', 'Compute Flexible CUDs - 1 Year', NULL, NULL, 0
  FROM newer
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Cloud SQL', 'Commitment - dollar based v1: Cloud SQL database in europe-west3 for 1 year', NULL, fee, fee,
    hours, 'hour', 'europe-west3', NULL, NULL, NULL, NULL, 0
  FROM older
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Cloud SQL', 'Cloud SQL for PostgreSQL: Regional - vCPU in Frankfurt', NULL, covered + beyond, covered + beyond,
    ((covered + beyond) / 0.05)::DECIMAL(18, 3), 'hour', 'europe-west3', NULL, NULL,
    'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE', 'Committed Usage Discount - Dollar Based: Cloud SQL Commitments', -covered
  FROM older
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Compute Engine', 'Commitment v1: N2 Cpu in Frankfurt for 1 Year', 'resources', micros(core_hours * 0.02), micros(core_hours * 0.02),
    core_hours, 'hour', 'europe-west3', NULL, NULL, NULL, NULL, 0
  FROM resource
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Compute Engine', 'Commitment v1: N2 Ram in Frankfurt for 1 Year', 'resources', micros(memory_hours * 0.0025), micros(memory_hours * 0.0025),
    memory_hours, 'gibibyte hour', 'europe-west3', NULL, NULL, NULL, NULL, 0
  FROM resource
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Compute Engine', 'N2 Instance Core running in Frankfurt', NULL,
    micros((covered_core_hours + beyond_core_hours) * 0.04), micros((covered_core_hours + beyond_core_hours) * 0.04),
    covered_core_hours + beyond_core_hours, 'hour', 'europe-west3', 'n2-standard-8', NULL,
    'COMMITTED_USAGE_DISCOUNT', 'Committed Usage Discount: CPU', -micros(covered_core_hours * 0.04)
  FROM resource
  UNION ALL
  SELECT ordinal, usage_start, usage_end, 'Compute Engine', 'N2 Instance Ram running in Frankfurt', NULL,
    micros(covered_memory_hours * 0.005), micros(covered_memory_hours * 0.005),
    covered_memory_hours, 'gibibyte hour', 'europe-west3', 'n2-standard-8', NULL,
    'COMMITTED_USAGE_DISCOUNT', 'Committed Usage Discount: RAM', -micros(covered_memory_hours * 0.005)
  FROM resource
)

SELECT
  CASE service WHEN 'Cloud SQL' THEN '9662-B51E-5089' ELSE '6F81-5844-456A' END AS service_id,
  service,
  regexp_replace(left(upper(md5(sku)), 12), '(.{4})(.{4})(.{4})', '\1-\2-\3') AS sku_id,
  sku, usage_start, usage_end,
  CASE WHEN sku NOT LIKE 'Commitment%' THEN 'production' END AS role,
  region,
  CASE WHEN region IS NOT NULL THEN 'DE' END AS country,
  CASE WHEN machine IS NOT NULL THEN '//compute.googleapis.com/projects/' || (SELECT number FROM projects WHERE role = 'production') || '/zones/europe-west3-a/instances/77' || length(sku) END AS global_name,
  CASE machine WHEN 'n2-standard-8' THEN '8' WHEN 'c3-standard-22' THEN '22' END AS cores,
  CASE machine WHEN 'n2-standard-8' THEN '32768' WHEN 'c3-standard-22' THEN '90112' END AS memory,
  machine,
  CASE WHEN machine IS NOT NULL THEN 'cost_center' END AS label_key,
  'platform' AS team,
  (amount * CASE pricing_unit WHEN 'hour' THEN 3600 ELSE 3865470566400 END)::DOUBLE AS usage_amount,
  CASE pricing_unit WHEN 'hour' THEN 'seconds' ELSE 'byte-seconds' END AS usage_unit,
  amount::DOUBLE AS pricing_amount,
  pricing_unit,
  1 AS block,
  0::DECIMAL(38, 9) AS tier,
  CASE WHEN amount > 0 THEN (cost / amount)::DECIMAL(18, 9) END AS price,
  CASE WHEN amount > 0 THEN (default_cost / amount)::DECIMAL(18, 9) END AS default_price,
  CASE WHEN amount > 0 THEN (default_cost / amount)::DECIMAL(18, 9) END AS list_price,
  cost, default_cost, default_cost AS list_cost,
  credit_of(credit_type, credit_name, credit_amount) AS credits,
  'regular' AS cost_type,
  md5(getvariable('organisation') || subscription) AS subscription_id,
  model,
  usage_end + INTERVAL 5 HOUR AS export_time
FROM rows_made
ORDER BY ordinal, sku;
