-- Sums of a cost that differ between the two datasets, by month, source and currency: none when all is allocated.
WITH
before AS (
  SELECT billing_period, source, BillingCurrency, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective
  FROM focus
  GROUP BY ALL
),
after AS (
  SELECT billing_period, source, BillingCurrency, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective
  FROM allocated
  GROUP BY ALL
)
SELECT coalesce(before.billing_period, after.billing_period) AS period, coalesce(before.source, after.source) AS source
FROM before
FULL JOIN after USING (billing_period, source, BillingCurrency)
WHERE before.billed IS DISTINCT FROM after.billed OR before.effective IS DISTINCT FROM after.effective;
