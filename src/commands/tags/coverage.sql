-- How much of the cost is claimed, by currency. Reads: measured.
SELECT
  currency,
  sum(charges)::BIGINT AS charges,
  sum(billed) AS total_billed,
  sum(effective) AS total_effective,
  coalesce(sum(billed) FILTER (outcome = 'covered'), 0) AS billed,
  coalesce(sum(effective) FILTER (outcome = 'covered'), 0) AS effective
FROM measured
GROUP BY currency
ORDER BY currency;
