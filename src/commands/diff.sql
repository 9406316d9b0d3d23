-- What a restatement changed: services and sub accounts whose rows or costs differ between two versions of a
-- partition, largest change first. Variables: before, after (Parquet files).
WITH
before AS (
  SELECT ServiceName, SubAccountId, BillingCurrency, count(*) AS n, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective
  FROM read_parquet(getvariable('before'))
  GROUP BY ALL
),
after AS (
  SELECT ServiceName, SubAccountId, BillingCurrency, count(*) AS n, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective
  FROM read_parquet(getvariable('after'))
  GROUP BY ALL
)
SELECT
  coalesce(after.ServiceName, before.ServiceName) AS service,
  coalesce(after.SubAccountId, before.SubAccountId, '') AS sub_account,
  coalesce(after.BillingCurrency, before.BillingCurrency) AS currency,
  coalesce(before.n, 0) AS rows_before,
  coalesce(after.n, 0) AS rows_after,
  coalesce(before.billed, 0) AS billed_before,
  coalesce(after.billed, 0) AS billed_after,
  coalesce(after.billed, 0) - coalesce(before.billed, 0) AS billed_change,
  coalesce(before.effective, 0) AS effective_before,
  coalesce(after.effective, 0) AS effective_after,
  coalesce(after.effective, 0) - coalesce(before.effective, 0) AS effective_change
FROM before
FULL JOIN after
  ON after.ServiceName = before.ServiceName
  AND after.SubAccountId IS NOT DISTINCT FROM before.SubAccountId
  AND after.BillingCurrency = before.BillingCurrency
WHERE before.n IS DISTINCT FROM after.n
  OR before.billed IS DISTINCT FROM after.billed
  OR before.effective IS DISTINCT FROM after.effective
ORDER BY abs(billed_change) DESC, abs(effective_change) DESC, service, sub_account;
