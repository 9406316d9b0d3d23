-- What a month's exports are made from: its days, the subscriptions, the resources in them.
-- Variables: organisation, data (folder of the .csv files), month_start, delivered_days, resources.

CREATE OR REPLACE TABLE days AS
SELECT ordinal, (getvariable('month_start')::DATE + ordinal::INTEGER)::DATE AS day
FROM range(getvariable('delivered_days')::BIGINT) AS t (ordinal);

CREATE OR REPLACE TABLE subscriptions AS
SELECT role, id, name
FROM read_csv(getvariable('data') || '/subscriptions.csv', all_varchar = true)
WHERE organisation = getvariable('organisation');

CREATE OR REPLACE TABLE locations AS
SELECT ordinal::BIGINT AS ordinal, code, meter_region
FROM read_csv(getvariable('data') || '/locations.csv', all_varchar = true);

CREATE OR REPLACE TABLE meters AS
SELECT
  row_number() OVER () - 1 AS ordinal,
  * REPLACE (unit_price::DECIMAL(12, 6) AS unit_price, payg_price::DECIMAL(12, 6) AS payg_price, per_day_milli::BIGINT AS per_day_milli)
FROM read_csv(getvariable('data') || '/meters.csv', all_varchar = true);

-- The tags people write: three spellings of one key, three of each value, and a good part without any.
CREATE OR REPLACE MACRO team_of(number) AS (['Payments', 'Search', 'Platform', 'Data'])[number % 4 + 1];
CREATE OR REPLACE MACRO spelled(team, number) AS CASE number // 4 % 5 WHEN 0 THEN lower(team) || ' ' WHEN 1 THEN upper(team) ELSE team END;
CREATE OR REPLACE MACRO tag_members(number) AS concat_ws(
  ',',
  '"' || (['CostCenter', 'CostCenter', 'CostCenter', 'CostCenter', 'cost-center', 'costcenter', NULL])[number % 7 + 1]
    || '": "' || spelled(team_of(number), number) || '"',
  CASE WHEN number % 3 = 0 THEN '"env": "prod"' WHEN number % 3 = 1 THEN '"env": ""' END
);

CREATE OR REPLACE TABLE resources AS
WITH
numbered AS (
  SELECT
    number,
    number % (SELECT count(*) FROM meters) AS meter_ordinal,
    CASE WHEN noise(number, 1) % 10 < 7 THEN 'production' ELSE 'data' END AS role,
    noise(number, 2) % 3 AS location_ordinal
  FROM range(getvariable('resources')::BIGINT) AS t (number)
)
SELECT
  numbered.number,
  subscriptions.id AS subscription_id,
  subscriptions.name AS subscription_name,
  numbered.role || '-rg' AS resource_group,
  '/subscriptions/' || subscriptions.id || '/resourceGroups/' || numbered.role || '-rg/providers/'
    || replace(replace(meters.resource, '{number}', (numbered.number // 17)::VARCHAR), '{organisation}', getvariable('organisation')) AS resource_id,
  CASE WHEN located = 'yes' THEN locations.code END AS resource_location,
  CASE WHEN located = 'yes' THEN locations.meter_region END AS meter_region,
  uuid_of(meters.meter_name) AS meter_id,
  replace(meters.additional_info, '{number}', (numbered.number // 17)::VARCHAR) AS info_members,
  tag_members(numbered.number) AS tags,
  team_of(numbered.number) AS cost_center,
  meters.* EXCLUDE (ordinal, resource, located, additional_info)
FROM numbered
JOIN meters ON meters.ordinal = numbered.meter_ordinal
JOIN locations ON locations.ordinal = numbered.location_ordinal
JOIN subscriptions ON subscriptions.role = numbered.role
ORDER BY numbered.number;
