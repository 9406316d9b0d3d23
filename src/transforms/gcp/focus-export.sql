-- Staged rows of Google's own FOCUS export → the rows that are published: its values as they are. What the preview
-- leaves out but Google's billing makes certain is filled in; the rest stays NULL and is listed as known gaps.
CREATE VIEW bill AS
SELECT *
FROM staged
WHERE line_id NOT IN (
  SELECT line_id
  FROM (
    SELECT
      line_id,
      row_number() OVER (PARTITION BY row_digest, SkuId, ResourceId, SubAccountId, ChargePeriodStart, BilledCost, ConsumedQuantity ORDER BY line_id) AS occurrence
    FROM staged
  )
  WHERE occurrence > 1
);

CREATE VIEW focus AS
SELECT
  bill.* REPLACE (
    coalesce(BillingAccountName, CAST(getvariable('billing_account_name') AS VARCHAR)) AS BillingAccountName,
    coalesce(BillingAccountType, 'Billing Account') AS BillingAccountType,
    coalesce(ChargeFrequency, CASE ChargeCategory WHEN 'Usage' THEN 'Usage-Based' WHEN 'Purchase' THEN 'Recurring' ELSE 'One-Time' END) AS ChargeFrequency,
    coalesce(HostProviderName, 'Google Cloud') AS HostProviderName,
    coalesce(InvoiceIssuerName, CAST(getvariable('invoice_issuer') AS VARCHAR), 'Google Cloud') AS InvoiceIssuerName,
    coalesce(PricingCurrency, BillingCurrency) AS PricingCurrency,
    coalesce(PricingCurrencyEffectiveCost, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN EffectiveCost END) AS PricingCurrencyEffectiveCost,
    coalesce(PricingCurrencyListUnitPrice, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN ListUnitPrice END) AS PricingCurrencyListUnitPrice,
    coalesce(PricingCurrencyContractedUnitPrice, CASE WHEN coalesce(PricingCurrency, BillingCurrency) = BillingCurrency THEN ContractedUnitPrice END) AS PricingCurrencyContractedUnitPrice,
    coalesce(ProviderName, 'Google Cloud') AS ProviderName,
    coalesce(PublisherName, 'Google Cloud') AS PublisherName,
    coalesce(ResourceType, CASE WHEN ResourceId IS NOT NULL THEN 'Resource' END) AS ResourceType,
    coalesce(ServiceCategory, services.service_category, 'Other') AS ServiceCategory,
    coalesce(ServiceProviderName, ProviderName, 'Google Cloud') AS ServiceProviderName,
    coalesce(ServiceSubcategory, CASE WHEN coalesce(ServiceCategory, services.service_category) = services.service_category THEN services.service_subcategory END,
      'Other (' || coalesce(ServiceCategory, 'Other') || ')') AS ServiceSubcategory,
    coalesce(SubAccountType, CASE WHEN SubAccountId IS NOT NULL THEN 'Project' END) AS SubAccountType,
    coalesce(Tags, label_tags) AS Tags
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
  issuer_fields AS x_IssuerColumns
FROM bill
LEFT JOIN services ON services.service_name = bill.ServiceName;
