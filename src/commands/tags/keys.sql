-- What each family of tag keys covers, most first. Reads: tag_pairs, charges.
WITH
totals AS (
  SELECT BillingCurrency AS currency, sum(billed) AS billed, sum(effective) AS effective
  FROM charges
  GROUP BY BillingCurrency
),
spellings AS (
  SELECT family, list(key ORDER BY charges DESC, key) AS keys
  FROM (SELECT family, key, sum(charges) AS charges FROM tag_pairs GROUP BY family, key)
  GROUP BY family
),
-- A charge that has two spellings of a key counts once.
covered AS (
  SELECT family, currency, sum(charges)::BIGINT AS charges, sum(billed) AS billed, sum(effective) AS effective
  FROM (SELECT DISTINCT family, tag_set, currency, charges, billed, effective FROM tag_pairs)
  GROUP BY family, currency
)
SELECT
  family,
  to_json(keys) AS keys,
  currency,
  charges,
  covered.billed AS billed,
  covered.effective AS effective,
  totals.billed AS total_billed,
  totals.effective AS total_effective
FROM covered
JOIN spellings USING (family)
JOIN totals USING (currency)
ORDER BY currency, effective DESC, family;
