-- What the charges of a month add up to, by what an invoice could tell apart. Reads: charges. Parameter: period.
SELECT
  source,
  issuer,
  invoice,
  account,
  currency,
  category,
  count(*)::INTEGER AS rows,
  sum(billed) AS billed,
  sum(effective) AS effective
FROM charges
WHERE period = $period
GROUP BY ALL
ORDER BY ALL;
