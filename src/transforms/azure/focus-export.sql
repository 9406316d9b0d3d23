-- Staged rows of Azure's FOCUS export → the rows that are published. What an export before 1.2 does not say but
-- Azure's billing makes certain is filled in; the rest stays NULL and is listed as a known gap.
CREATE VIEW staged AS
SELECT *
FROM read_parquet(getvariable('staged_files'), union_by_name => TRUE, hive_partitioning => FALSE);

CREATE VIEW focus AS
WITH
service_parts AS (
  SELECT service_name, min(service_category) AS service_category, min(service_subcategory) AS service_subcategory
  FROM services
  GROUP BY service_name
)
SELECT
  staged.* REPLACE (
    coalesce(BillingAccountType, CASE WHEN contains(lower(BillingAccountId), '/billingprofiles/') THEN 'Billing Profile' ELSE 'Billing Account' END) AS BillingAccountType,
    coalesce(SubAccountType, CASE WHEN SubAccountId IS NOT NULL THEN 'Subscription' END) AS SubAccountType,
    coalesce(PricingCurrency, BillingCurrency) AS PricingCurrency,
    coalesce(PricingCurrencyEffectiveCost, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN EffectiveCost END) AS PricingCurrencyEffectiveCost,
    coalesce(PricingCurrencyListUnitPrice, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN ListUnitPrice END) AS PricingCurrencyListUnitPrice,
    coalesce(PricingCurrencyContractedUnitPrice, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN ContractedUnitPrice END) AS PricingCurrencyContractedUnitPrice,
    coalesce(
      ServiceSubcategory,
      CASE WHEN service_parts.service_category = staged.ServiceCategory THEN service_parts.service_subcategory END,
      'Other (' || staged.ServiceCategory || ')'
    ) AS ServiceSubcategory,
    coalesce(ServiceProviderName, ProviderName) AS ServiceProviderName,
    coalesce(HostProviderName, 'Microsoft') AS HostProviderName
  ),
  source_file AS x_SourceFile,
  CAST(NULL AS VARCHAR) AS x_SourceLineId,
  CAST(NULL AS VARCHAR) AS x_SourceLineType,
  CAST(NULL AS VARCHAR) AS x_SplitReason,
  CAST(NULL AS VARCHAR) AS x_Fallbacks,
  CAST(NULL AS VARCHAR) AS x_ProductCode,
  CAST(NULL AS VARCHAR) AS x_UsageType,
  CAST(NULL AS VARCHAR) AS x_Operation,
  CAST(NULL AS VARCHAR) AS x_BillType,
  CAST(NULL AS VARCHAR) AS x_BillingEntity,
  CAST(NULL AS VARCHAR) AS x_LegalEntity,
  CAST(NULL AS VARCHAR) AS x_TaxType,
  CAST(NULL AS VARCHAR) AS x_CostCategories,
  CAST(NULL AS VARCHAR) AS x_ReservationTerm,
  issuer_columns AS x_IssuerColumns
FROM staged
LEFT JOIN service_parts ON service_parts.service_name = staged.ServiceName;
