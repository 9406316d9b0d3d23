-- What a month's bill is made from: projects, calendar, what is sold.
-- Variables: organisation, data (folder of the .csv files), month_start, month_end, interval_hours.

CREATE OR REPLACE TABLE projects AS
SELECT role, id, number, name
FROM read_csv(getvariable('data') || '/projects.csv', all_varchar = true)
WHERE organisation = getvariable('organisation');

-- Months and days begin at midnight in California.
CREATE OR REPLACE TABLE intervals AS
SELECT
  ordinal,
  getvariable('month_start')::TIMESTAMP AT TIME ZONE 'America/Los_Angeles' + to_hours(ordinal * getvariable('interval_hours')::BIGINT) AS usage_start,
  usage_start + to_hours(getvariable('interval_hours')::BIGINT) AS usage_end
FROM range(date_diff('day', getvariable('month_start')::DATE, getvariable('month_end')::DATE) * 24 // getvariable('interval_hours')::BIGINT) AS t (ordinal)
ORDER BY ordinal;

CREATE OR REPLACE TABLE regions AS
SELECT ordinal::BIGINT AS ordinal, region, country, place
FROM read_csv(getvariable('data') || '/regions.csv', all_varchar = true);

CREATE OR REPLACE TABLE usage_catalog AS
SELECT
  row_number() OVER () - 1 AS ordinal,
  * REPLACE (
    usage_per_pricing_unit::BIGINT AS usage_per_pricing_unit,
    block::BIGINT AS block,
    price::DECIMAL(18, 9) AS price,
    list_price::DECIMAL(18, 9) AS list_price,
    milli_per_hour::BIGINT AS milli_per_hour,
    credit_percent::BIGINT AS credit_percent
  )
FROM read_csv(getvariable('data') || '/usage.csv', all_varchar = true);

CREATE OR REPLACE MACRO team_of(number) AS (['payments', 'search', 'platform', 'data'])[number % 4 + 1];
-- The labels people write: three spellings of one key, and a good part without any.
CREATE OR REPLACE MACRO label_key_of(number) AS (
  ['cost_center', 'cost_center', 'cost_center', 'cost-center', 'costcenter', NULL, NULL]
)[number % 7 + 1];

CREATE OR REPLACE TABLE resources AS
SELECT
  numbered.number,
  projects.role,
  CASE WHEN catalog.placement <> 'none' THEN regions.region END AS region,
  CASE WHEN catalog.placement <> 'none' THEN regions.country END AS country,
  -- Google leaves the zone blank on most rows and names it in the resource.
  regions.region || '-' || chr((97 + noise(numbered.number, 3) % 3)::INTEGER) AS zone,
  replace(replace(catalog.sku, '{place}', regions.place), '{region}', regions.region) AS full_sku,
  replace(replace(replace(replace(replace(
    catalog.resource,
    '{id}', (4000000000 + numbered.number)::VARCHAR),
    '{organisation}', getvariable('organisation')),
    '{region}', regions.region),
    '{zone}', regions.region || '-' || chr((97 + noise(numbered.number, 3) % 3)::INTEGER)),
    '{number}', projects.number) AS global_name,
  label_key_of(numbered.number) AS label_key,
  team_of(numbered.number) AS team,
  catalog.*
FROM (
  SELECT number, number % (SELECT count(*) FROM usage_catalog) AS catalog_ordinal,
    ['production', 'production', 'staging', 'data'][noise(number, 1) % 4 + 1] AS role
  FROM range(getvariable('resources')::BIGINT) AS t (number)
) AS numbered
JOIN usage_catalog AS catalog ON catalog.ordinal = numbered.catalog_ordinal
JOIN regions ON regions.ordinal = noise(numbered.number, 2) % 4
JOIN projects USING (role)
ORDER BY numbered.number;
