-- Staged rows of AWS's FOCUS export → the rows that are published. What a version before 1.2 does not say but
-- AWS's billing makes certain is filled in; the rest of the gaps stay NULL and are listed as known gaps.
CREATE VIEW focus AS
SELECT
  staged.* REPLACE (
    coalesce(BillingAccountType, getvariable('billing_account_type')) AS BillingAccountType,
    coalesce(SubAccountType, CASE WHEN SubAccountId IS NOT NULL THEN getvariable('sub_account_type') END) AS SubAccountType,
    -- AWS prices and bills an account in one currency.
    coalesce(PricingCurrency, BillingCurrency) AS PricingCurrency,
    coalesce(PricingCurrencyEffectiveCost, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN EffectiveCost END) AS PricingCurrencyEffectiveCost,
    coalesce(PricingCurrencyListUnitPrice, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN ListUnitPrice END) AS PricingCurrencyListUnitPrice,
    coalesce(PricingCurrencyContractedUnitPrice, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN ContractedUnitPrice END) AS PricingCurrencyContractedUnitPrice,
    coalesce(
      ServiceSubcategory,
      CASE WHEN services.service_category = staged.ServiceCategory THEN services.service_subcategory END,
      'Other (' || staged.ServiceCategory || ')'
    ) AS ServiceSubcategory,
    coalesce(ServiceProviderName, ProviderName) AS ServiceProviderName,
    coalesce(HostProviderName, 'AWS') AS HostProviderName
  ),
  source_file AS x_SourceFile,
  CAST(NULL AS VARCHAR) AS x_SourceLineId,
  CAST(NULL AS VARCHAR) AS x_SourceLineType,
  CAST(NULL AS VARCHAR) AS x_SplitReason,
  CAST(NULL AS VARCHAR) AS x_Fallbacks,
  x_ServiceCode AS x_ProductCode,
  CAST(NULL AS VARCHAR) AS x_BillType,
  CAST(NULL AS VARCHAR) AS x_BillingEntity,
  CAST(NULL AS VARCHAR) AS x_LegalEntity,
  CAST(NULL AS VARCHAR) AS x_TaxType,
  CAST(NULL AS VARCHAR) AS x_ReservationTerm,
  issuer_columns AS x_IssuerColumns
FROM staged
LEFT JOIN services ON services.product_code = staged.x_ServiceCode;
