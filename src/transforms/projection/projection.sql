-- Rows that have the columns of every FOCUS version, filled where a version lacks a column that another one's say.
-- What a row says itself is never changed, and what nothing says stays NULL. Over `every_column`, which holds each column
-- of each version (NULL where the data has none).
--
-- Why each may be taken:
-- - FOCUS 1.3 renamed the provider, "the entity that makes services available for purchase", to service provider.
-- - Its host provider equals the service provider unless the customer chose another one or the provider shows it;
--   data of a version without the column shows none.
-- - Before 1.2, and for a provider without a pricing currency of its own, prices are in the billing currency.
CREATE VIEW every_version AS
WITH
named AS (
  SELECT * REPLACE (
    coalesce(ServiceProviderName, ProviderName) AS ServiceProviderName,
    coalesce(ProviderName, ServiceProviderName) AS ProviderName,
    coalesce(PricingCurrency, BillingCurrency) AS PricingCurrency
  )
  FROM every_column
)
SELECT * REPLACE (
  coalesce(HostProviderName, ServiceProviderName) AS HostProviderName,
  coalesce(PricingCurrencyEffectiveCost, CASE WHEN PricingCurrency = BillingCurrency THEN EffectiveCost END) AS PricingCurrencyEffectiveCost,
  coalesce(PricingCurrencyListUnitPrice, CASE WHEN PricingCurrency = BillingCurrency THEN ListUnitPrice END) AS PricingCurrencyListUnitPrice,
  coalesce(PricingCurrencyContractedUnitPrice, CASE WHEN PricingCurrency = BillingCurrency THEN ContractedUnitPrice END) AS PricingCurrencyContractedUnitPrice
)
FROM named;
