-- What a driver says of each key on one day, for each hour or day or for the month. As a fallback it stands for
-- other times than its own, so its times do not count.
SELECT
  NULL AS target,
  NULL AS pool,
  key,
  CASE WHEN $by_match THEN match END AS match,
  NULL AS currency,
  CASE WHEN $grain = 'month' OR $at_any_time THEN NULL ELSE date_trunc($grain, used_at) END AS bucket,
  sum(weight) AS weight
FROM driver_weights
WHERE
  driver = $driver
  AND coalesce(valid_from <= $day::DATE, TRUE)
  AND coalesce($day::DATE < valid_to, TRUE)
  AND ($at_any_time OR $grain <> 'month' OR used_at IS NULL
    OR (used_at >= $period_start::TIMESTAMP AND used_at < $period_end::TIMESTAMP))
GROUP BY ALL
ORDER BY ALL;
