-- Where the cost is that nobody has claimed, dearest first. Reads: measured.
SELECT
  source,
  coalesce(any_value(sub_account_name), sub_account, '') AS sub_account,
  service,
  currency,
  sum(charges) FILTER (outcome <> 'covered')::BIGINT AS charges,
  sum(billed) FILTER (outcome <> 'covered') AS billed,
  sum(effective) FILTER (outcome <> 'covered') AS effective,
  sum(effective) AS total_effective
FROM measured
GROUP BY source, sub_account, service, currency
HAVING count(*) FILTER (outcome <> 'covered') > 0
ORDER BY effective DESC, source, sub_account, service
LIMIT 15;
