-- title: Unit price trends
-- question: Did the price that we pay for a SKU change from one month to the next?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
WITH months AS (
  SELECT
    ProviderName,
    SkuPriceId,
    PricingUnit,
    BillingCurrency,
    billing_period,
    sum(ContractedCost) AS ContractedCost,
    round(sum(ContractedCost) / nullif(sum(PricingQuantity), 0), 9) AS UnitPrice
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND ChargeCategory = 'Usage'
    AND SkuPriceId IS NOT NULL
  GROUP BY ProviderName, SkuPriceId, PricingUnit, BillingCurrency, billing_period
),
compared AS (
  SELECT
    *,
    lag(UnitPrice) OVER (PARTITION BY ProviderName, SkuPriceId, PricingUnit, BillingCurrency ORDER BY billing_period) AS PriceBefore
  FROM months
)
SELECT
  *,
  round(100 * (UnitPrice - PriceBefore) / nullif(PriceBefore, 0), 2) AS ChangePercent
FROM compared
ORDER BY ProviderName, SkuPriceId, PricingUnit, billing_period
