-- What a closed month's rows would be today less what is posted of it: the corrections to post now.
-- Reads: today (allocated rows), booked (the closed month's rows) and earlier (corrections of it in closed months).
-- Variables: allocated_columns (those of today), corrects (the closed month), posted_in (the month that they are posted
-- in), moved_by (why cost moves between targets while the charges stay), rules_print.
CREATE OR REPLACE TABLE correction_columns (
  source VARCHAR,
  x_Target VARCHAR,
  x_TargetName VARCHAR,
  x_CostCentre VARCHAR,
  x_GlAccount VARCHAR,
  x_Mode VARCHAR,
  x_PoolPath VARCHAR,
  x_RuleIds VARCHAR,
  x_AllocationReason VARCHAR,
  BillingAccountId VARCHAR,
  BillingAccountName VARCHAR,
  BillingAccountType VARCHAR,
  BillingCurrency VARCHAR,
  InvoiceIssuerName VARCHAR,
  ProviderName VARCHAR,
  PublisherName VARCHAR,
  ServiceProviderName VARCHAR,
  HostProviderName VARCHAR,
  SubAccountId VARCHAR,
  SubAccountName VARCHAR,
  SubAccountType VARCHAR,
  ServiceCategory VARCHAR,
  ServiceSubcategory VARCHAR,
  ServiceName VARCHAR,
  RegionId VARCHAR,
  RegionName VARCHAR,
  ChargeCategory VARCHAR,
  ChargeFrequency VARCHAR,
  ChargePeriodStart TIMESTAMPTZ,
  ChargePeriodEnd TIMESTAMPTZ,
  CommitmentDiscountId VARCHAR,
  CommitmentDiscountName VARCHAR,
  CommitmentDiscountCategory VARCHAR,
  CommitmentDiscountType VARCHAR,
  CommitmentDiscountStatus VARCHAR,
  ConsumedUnit VARCHAR,
  PricingCategory VARCHAR,
  PricingCurrency VARCHAR,
  PricingUnit VARCHAR,
  BilledCost DECIMAL(38, 18),
  EffectiveCost DECIMAL(38, 18),
  ListCost DECIMAL(38, 18),
  ContractedCost DECIMAL(38, 18),
  ConsumedQuantity DECIMAL(38, 18),
  PricingQuantity DECIMAL(38, 18)
);

CREATE OR REPLACE VIEW posted_so_far AS
FROM booked
UNION ALL BY NAME
FROM earlier;

-- Both sides, what is posted with its sign turned.
CREATE OR REPLACE VIEW both_sides AS
SELECT true AS is_today, *
FROM (FROM correction_columns UNION ALL BY NAME FROM today)
UNION ALL BY NAME
SELECT
  false AS is_today,
  * REPLACE (
    -BilledCost AS BilledCost,
    -EffectiveCost AS EffectiveCost,
    -ListCost AS ListCost,
    -ContractedCost AS ContractedCost,
    -ConsumedQuantity AS ConsumedQuantity,
    -PricingQuantity AS PricingQuantity
  )
FROM (FROM correction_columns UNION ALL BY NAME FROM posted_so_far);

-- By who owes and what for. Names and what else describes is not told apart by: a new name of an account corrects nothing.
CREATE OR REPLACE VIEW differences AS
SELECT
  source,
  x_Target, x_CostCentre, x_GlAccount, x_Mode, x_PoolPath, x_AllocationReason,
  BillingAccountId, BillingCurrency, InvoiceIssuerName, ProviderName, PublisherName, ServiceProviderName, HostProviderName,
  SubAccountId, ServiceCategory, ServiceName, RegionId, ChargeCategory, ChargePeriodStart, ChargePeriodEnd,
  CommitmentDiscountId, CommitmentDiscountStatus, ConsumedUnit, PricingCategory, PricingUnit,
  max(x_TargetName) AS x_TargetName,
  max(x_RuleIds) AS x_RuleIds,
  max(BillingAccountName) AS BillingAccountName,
  max(BillingAccountType) AS BillingAccountType,
  max(SubAccountName) AS SubAccountName,
  max(SubAccountType) AS SubAccountType,
  max(ServiceSubcategory) AS ServiceSubcategory,
  max(RegionName) AS RegionName,
  max(ChargeFrequency) AS ChargeFrequency,
  max(PricingCurrency) AS PricingCurrency,
  max(CommitmentDiscountName) AS CommitmentDiscountName,
  max(CommitmentDiscountCategory) AS CommitmentDiscountCategory,
  max(CommitmentDiscountType) AS CommitmentDiscountType,
  coalesce(sum(BilledCost), 0) AS BilledCost,
  coalesce(sum(EffectiveCost), 0) AS EffectiveCost,
  coalesce(sum(ListCost), 0) AS ListCost,
  coalesce(sum(ContractedCost), 0) AS ContractedCost,
  sum(ConsumedQuantity) AS ConsumedQuantity,
  sum(PricingQuantity) AS PricingQuantity,
  count(*) FILTER (NOT is_today) AS posted_rows
FROM both_sides
GROUP BY ALL;

-- What happened to the charges themselves, whoever owes them.
CREATE OR REPLACE VIEW explained AS
SELECT
  *,
  sum(BilledCost) OVER charges = 0
  AND sum(EffectiveCost) OVER charges = 0
  AND sum(ListCost) OVER charges = 0
  AND sum(ContractedCost) OVER charges = 0 AS is_moved,
  sum(posted_rows) OVER charges = 0 AS is_new
FROM differences
WINDOW charges AS (
  PARTITION BY
    source, BillingAccountId, BillingCurrency, InvoiceIssuerName, SubAccountId, ServiceCategory, ServiceName, RegionId,
    ChargeCategory, ChargePeriodStart, ChargePeriodEnd, CommitmentDiscountId
);

CREATE OR REPLACE VIEW correction_rows AS
SELECT
  * EXCLUDE (posted_rows, is_moved, is_new),
  -- Parts of a split charge have it whole, so it cannot be summed; in another currency it is not known.
  CASE WHEN PricingCurrency = BillingCurrency THEN EffectiveCost END AS PricingCurrencyEffectiveCost,
  CASE
    WHEN is_moved THEN getvariable('moved_by')
    WHEN is_new AND ChargeCategory = 'Usage' THEN 'late_usage'
    ELSE 'provider_correction'
  END AS x_Cause,
  'Correction' AS ChargeClass,
  concat('Correction of ', getvariable('corrects'), ': ', replace(x_Cause, '_', ' ')) AS ChargeDescription,
  concat(getvariable('posted_in'), '-01')::DATE::TIMESTAMPTZ AS BillingPeriodStart,
  (concat(getvariable('posted_in'), '-01')::DATE + INTERVAL 1 MONTH)::TIMESTAMPTZ AS BillingPeriodEnd,
  getvariable('rules_print') AS x_RuleSet,
  getvariable('corrects') AS x_CorrectsPeriod
FROM explained
WHERE
  BilledCost <> 0
  OR EffectiveCost <> 0
  OR ListCost <> 0
  OR ContractedCost <> 0
  OR coalesce(ConsumedQuantity, 0) <> 0
  OR coalesce(PricingQuantity, 0) <> 0;

-- With the columns of allocated rows, in their order, before those of corrections. What the lake's FOCUS version lacks is
-- left out.
CREATE OR REPLACE TABLE corrections AS
FROM (FROM today LIMIT 0)
UNION ALL BY NAME
SELECT COLUMNS(c -> list_contains(getvariable('allocated_columns'), c)), x_Cause, x_CorrectsPeriod
FROM correction_rows;
