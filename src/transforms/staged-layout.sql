-- How a large file is laid apart, told from its first rows (`first_rows`: service, start in microseconds, in their order).
--
-- Variables: service_ranges (how many at most).
WITH
services AS (
  SELECT service, count(*) AS service_rows
  FROM first_rows
  GROUP BY service
),
placed AS (
  SELECT
    service,
    (sum(service_rows) OVER (ORDER BY service) - service_rows) * getvariable('service_ranges')::INTEGER // sum(service_rows) OVER () AS service_range
  FROM services
),
-- Ranges of about as many rows each, by their last service.
ranges AS (
  SELECT max(service) AS last_service
  FROM placed
  GROUP BY service_range
),
steps AS (
  SELECT abs(start - lag(start) OVER (ORDER BY rowid)) > 86400000000 AS far
  FROM first_rows
)
SELECT
  (SELECT coalesce(list(last_service ORDER BY last_service), []) FROM ranges) AS last_services,
  -- A bill by time goes back now and then, to begin another list; one that is not goes back and forth all along.
  (SELECT count_if(far) * 100 <= count(far) AND count(far) > 0 FROM steps) AS by_time;
