-- Every published charge of the month and of the months beside it, as far as an invoice could tell of it.
-- Reads: published (focus/ with billing_period, source and file_row_number).
CREATE TABLE columns_that_may_lack (
  InvoiceId VARCHAR, PublisherName VARCHAR, ProviderName VARCHAR, ServiceProviderName VARCHAR, SkuId VARCHAR,
  x_BillingEntity VARCHAR, x_SourceLineId VARCHAR
);

CREATE VIEW charges AS
WITH
published_charges AS (
  SELECT * FROM columns_that_may_lack
  UNION ALL BY NAME
  SELECT * FROM published
)
SELECT
  source || ':' || file_row_number AS charge,
  source,
  billing_period AS period,
  InvoiceIssuerName AS issuer,
  InvoiceId AS invoice,
  BillingAccountId AS account,
  BillingCurrency AS currency,
  ChargeCategory AS category,
  BilledCost AS billed,
  EffectiveCost AS effective,
  strftime(ChargePeriodStart, '%Y-%m-%d %H:%M') AS used,
  SubAccountId AS sub_account,
  ServiceName AS service,
  ChargeDescription AS description,
  -- A month of the provider need not be one of UTC.
  ChargePeriodStart < BillingPeriodStart OR ChargePeriodStart >= BillingPeriodEnd AS is_of_another_month,
  strftime(ChargePeriodStart, '%Y-%m') AS charge_month,
  -- Who sells through a marketplace is neither who runs it nor who sends the invoice.
  coalesce(contains(lower(x_BillingEntity), 'marketplace'), FALSE) OR coalesce(
    PublisherName NOT IN (InvoiceIssuerName, coalesce(ServiceProviderName, ProviderName, InvoiceIssuerName)),
    FALSE
  ) AS is_of_marketplace,
  -- What the provider would bill once: the same line is the same charge, whichever delivery brought it.
  md5(to_json([
    ChargePeriodStart::VARCHAR, ChargePeriodEnd::VARCHAR, SubAccountId, ServiceName, SkuId, ResourceId, ChargeCategory, ChargeClass,
    ChargeDescription, PricingQuantity::VARCHAR, BilledCost::VARCHAR, EffectiveCost::VARCHAR, Tags::VARCHAR, x_SourceLineId
  ])) AS identity
FROM published_charges;
