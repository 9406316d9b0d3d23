-- title: Negotiated savings in a pricing currency
-- question: What do rates save that were negotiated in the currency that prices are in?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  ServiceName,
  PricingCurrency,
  BillingCurrency,
  count(*) AS Charges,
  sum(ListCost) - sum(ContractedCost) AS Savings,
  round(100 * (sum(ListCost) - sum(ContractedCost)) / nullif(sum(ListCost), 0), 2) AS SavingsPercent
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND PricingCurrencyListUnitPrice > PricingCurrencyContractedUnitPrice
GROUP BY ProviderName, ServiceName, PricingCurrency, BillingCurrency
ORDER BY Savings DESC, ProviderName, ServiceName, PricingCurrency
