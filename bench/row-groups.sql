-- How many row groups of a partition a reader has to read, on average over the values that a query may ask for. It passes over
-- those whose least and greatest values exclude what is asked for.
--
-- Variables: partition (path).
WITH
bounds AS (
  SELECT
    row_group_id,
    max(stats_min_value) FILTER (path_in_schema = 'ServiceName') AS first_service,
    max(stats_max_value) FILTER (path_in_schema = 'ServiceName') AS last_service,
    max(left(stats_min_value, 10)) FILTER (path_in_schema = 'ChargePeriodStart') AS first_day,
    max(left(stats_max_value, 10)) FILTER (path_in_schema = 'ChargePeriodStart') AS last_day
  FROM parquet_metadata(getvariable('partition'))
  GROUP BY row_group_id
),
asked AS (
  SELECT DISTINCT ServiceName AS service, strftime(ChargePeriodStart, '%Y-%m-%d') AS day
  FROM read_parquet(getvariable('partition'))
),
by_service AS (
  SELECT service, count(*) AS groups_read
  FROM (SELECT DISTINCT service FROM asked)
  JOIN bounds ON service BETWEEN first_service AND last_service
  GROUP BY service
),
by_service_and_day AS (
  SELECT service, day, count(*) AS groups_read
  FROM asked
  JOIN bounds ON service BETWEEN first_service AND last_service AND day BETWEEN first_day AND last_day
  GROUP BY service, day
)
SELECT
  (SELECT count(*) FROM bounds)::INTEGER AS "all",
  (SELECT avg(groups_read) FROM by_service) AS service,
  (SELECT avg(groups_read) FROM by_service_and_day) AS serviceAndDay;
