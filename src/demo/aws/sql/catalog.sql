-- What a month's bill is made from: the accounts of the organisation, its calendar, its resources.
-- Variables: organisation, data (folder of the .csv files), month_start, month_end, interval_hours,
-- resources (how many to invent).

CREATE OR REPLACE TABLE accounts AS
SELECT role, id, name
FROM read_csv(getvariable('data') || '/accounts.csv', all_varchar = true)
WHERE organisation = getvariable('organisation');

-- The hours or days that the rows of the report stand for.
CREATE OR REPLACE TABLE intervals AS
SELECT
  ordinal,
  getvariable('interval_hours')::BIGINT AS hours,
  period.period_start AS usage_start,
  period.period_start + to_hours(getvariable('interval_hours')::BIGINT) AS usage_end,
  interval_text(usage_start, usage_end) AS time_interval
FROM (
  SELECT
    ordinal,
    getvariable('month_start')::TIMESTAMP + to_hours(ordinal * getvariable('interval_hours')::BIGINT) AS period_start
  FROM range(date_diff('hour', getvariable('month_start')::TIMESTAMP,
    getvariable('month_end')::TIMESTAMP) // getvariable('interval_hours')::BIGINT) AS t (ordinal)
) AS period
ORDER BY ordinal;

CREATE OR REPLACE TABLE regions AS
SELECT ordinal::BIGINT AS ordinal, code, coalesce(usage_prefix, '') AS usage_prefix, location
FROM read_csv(getvariable('data') || '/regions.csv', all_varchar = true);

CREATE OR REPLACE TABLE usage_catalog AS
SELECT
  row_number() OVER () - 1 AS ordinal,
  * REPLACE (
    rate::DECIMAL(12, 10) AS rate,
    public_rate::DECIMAL(12, 10) AS public_rate,
    per_hour_milli::BIGINT AS per_hour_milli,
    discount_percent::BIGINT AS discount_percent
  )
FROM read_csv(getvariable('data') || '/usage.csv', all_varchar = true);

-- The tags people write: three spellings of one key, three of each value, and a good part without any. They go by
-- the resource's number, so that the smallest bill has them all whatever its seed.
CREATE OR REPLACE MACRO team_of(number) AS (['Payments', 'Search', 'Platform', 'Data'])[number % 4 + 1];
CREATE OR REPLACE MACRO spelled(team, number) AS CASE number // 4 % 5
  WHEN 0 THEN lower(team) || ' '
  WHEN 1 THEN upper(team)
  ELSE team
END;
CREATE OR REPLACE MACRO tag_key_of(number) AS (
  ['CostCenter', 'CostCenter', 'CostCenter', 'CostCenter', 'cost-center', 'costcenter', NULL]
)[number % 7 + 1];

-- Everything about a resource that does not change from hour to hour, so that a usage row is one look-up.
CREATE OR REPLACE TABLE resources AS
WITH

numbered AS (
  SELECT
    number,
    number % (SELECT count(*) FROM usage_catalog) AS catalog_ordinal,
    CASE
      WHEN noise(number, 1) % 10 < 5 THEN 'production'
      WHEN noise(number, 1) % 10 < 7 THEN 'staging'
      WHEN noise(number, 1) % 10 < 9 THEN 'data'
      ELSE 'security'
    END AS role,
    noise(number, 2) % 4 AS region_ordinal
  FROM range(getvariable('resources')::BIGINT) AS t (number)
),

described AS (
  SELECT
    numbered.number,
    accounts.id AS account_id,
    accounts.name AS account_name,
    CASE WHEN catalog.placement <> 'none' THEN regions.code END AS region,
    CASE WHEN catalog.placement <> 'none' THEN regions.location END AS location,
    CASE WHEN catalog.placement <> 'none' THEN regions.usage_prefix ELSE '' END || catalog.usage_type AS full_usage_type,
    replace(replace(replace(replace(replace(
      catalog.resource,
      '{hex}', hex_id(getvariable('organisation') || numbered.number)),
      '{number}', (numbered.number // 26)::VARCHAR),
      '{organisation}', getvariable('organisation')),
      '{region}', coalesce(regions.code, '')),
      '{account}', accounts.id) AS resource_id,
    catalog.*
  FROM numbered
  JOIN usage_catalog AS catalog ON catalog.ordinal = numbered.catalog_ordinal
  JOIN regions ON regions.ordinal = numbered.region_ordinal
  JOIN accounts ON accounts.role = numbered.role
)

SELECT
  number,
  rate,
  public_rate,
  metering,
  per_hour_milli,
  discount AS discount_type,
  (discount_percent * 0.01)::DECIMAL(4, 2) AS discount_share,
  billing_entity = 'AWS' AS enterprise_discounted,

  item_id(getvariable('organisation') || '/' || number || '/' || full_usage_type) AS identity_line_item_id,
  billing_entity AS bill_billing_entity,
  legal_entity AS line_item_legal_entity,
  account_id AS line_item_usage_account_id,
  account_name AS line_item_usage_account_name,
  product_code AS line_item_product_code,
  full_usage_type AS line_item_usage_type,
  operation AS line_item_operation,
  -- AWS fills the zone of what has none with the region.
  CASE placement WHEN 'zone' THEN region || chr((97 + noise(number,
    3) % 3)::INTEGER) ELSE region END AS line_item_availability_zone,
  resource_id AS line_item_resource_id,
  rate_text(rate) AS line_item_unblended_rate,
  replace(description, '{location}', coalesce(location, '')) AS line_item_line_item_description,
  rate_text(public_rate) AS pricing_public_on_demand_rate,
  left(upper(md5(full_usage_type)), 16) AS product_sku,
  left(upper(md5(full_usage_type)), 16) || '.JRTCKXETXF.6YS6EN2CT7' AS pricing_rate_code,
  (noise(number % 26, 4) % 900000000 + 100000000)::VARCHAR AS pricing_rate_id,
  unit AS pricing_unit,
  'OnDemand' AS pricing_term,
  product_name AS product_product_name,
  product_family AS product_product_family,
  product_code AS product_servicecode,
  region AS product_region_code,
  location AS product_location,
  CASE WHEN region IS NOT NULL THEN 'AWS Region' END AS product_location_type,
  instance_type AS product_instance_type,
  instance_family AS product_instance_family,
  vcpu AS product_vcpu,
  memory AS product_memory,
  operating_system AS product_operating_system,
  volume_api_name AS product_volume_api_name,
  CASE tag_key_of(number) WHEN 'CostCenter' THEN spelled(team_of(number), number) END AS tag_cost_center,
  CASE tag_key_of(number) WHEN 'cost-center' THEN spelled(team_of(number), number) END AS tag_cost_center_dash,
  CASE tag_key_of(number) WHEN 'costcenter' THEN spelled(team_of(number), number) END AS tag_cost_center_flat,
  CASE WHEN resource_id IS NOT NULL AND noise(number, 14) % 3 > 0 THEN lower(team_of(number)) || '-' || lpad(number::VARCHAR, 4, '0') END AS tag_name,
  CASE WHEN noise(number, 15) % 4 = 0 THEN 'AssumedRole:AROA' || left(upper(md5(account_id)), 16) || ':deploy' END AS tag_created_by,
  CASE WHEN noise(number, 16) % 5 > 0 THEN team_of(number) END AS category_team
FROM described
ORDER BY number;
