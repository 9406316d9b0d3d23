-- What statements are made of: each posting of the ledger, told apart by what a statement says of it.
-- Reads: ledger (rows of allocated/ and of corrections/, with billing_period, source, x_Cause and x_CorrectsPeriod).
-- Variables: charge_on.
CREATE VIEW statement_charges AS
WITH
  costed AS (
    SELECT
      *,
      CASE getvariable('charge_on') WHEN 'BilledCost' THEN BilledCost ELSE EffectiveCost END AS cost,
      nullif(json_extract_string(x_PoolPath, '$[#-1]'), '') AS last_pool,
      strftime(ChargePeriodStart, '%Y-%m') AS charge_month
    FROM ledger
  )
SELECT
  billing_period AS period,
  source,
  BillingCurrency AS currency,
  x_Target AS target,
  x_TargetName AS target_name,
  x_Mode AS mode,
  x_CostCentre AS cost_centre,
  x_GlAccount AS gl_account,
  CASE
    -- The provider's own corrections of earlier months count as adjustments like those that follow from a close.
    WHEN x_CorrectsPeriod IS NOT NULL OR (ChargeClass = 'Correction' AND charge_month < billing_period) THEN 'adjustment'
    WHEN ChargeCategory = 'Tax' THEN 'tax'
    WHEN ChargeCategory = 'Credit' THEN 'credit'
    WHEN x_AllocationReason = 'idle' THEN 'idle'
    WHEN x_AllocationReason IS NOT NULL THEN 'unallocated'
    WHEN last_pool IS NOT NULL THEN 'shared'
    ELSE 'direct'
  END AS kind,
  last_pool AS pool,
  CASE WHEN last_pool IS NOT NULL AND x_AllocationReason IS NULL THEN json_extract_string(x_RuleIds, '$[#-1]') END AS rule,
  x_AllocationReason AS reason,
  CASE WHEN kind = 'adjustment' THEN coalesce(x_CorrectsPeriod, charge_month) END AS original_period,
  CASE WHEN kind = 'adjustment' THEN coalesce(x_Cause, 'provider_correction') END AS cause,
  InvoiceIssuerName AS invoice_issuer,
  ServiceCategory AS service_category,
  -- What a target used itself is a line per issuer and category of service; what it was given is a line per pool.
  CASE WHEN kind = 'direct' THEN InvoiceIssuerName END AS line_issuer,
  CASE WHEN kind = 'direct' THEN ServiceCategory END AS line_category,
  ServiceName AS service,
  SubAccountId AS sub_account,
  SubAccountName AS sub_account_name,
  ChargeCategory AS charge_category,
  cost,
  BilledCost AS billed_cost,
  EffectiveCost AS effective_cost,
  -- A commitment's purchase is what its use is paid with: to count both would count the discount twice.
  ChargeCategory = 'Usage' OR (ChargeCategory = 'Purchase' AND CommitmentDiscountId IS NULL) AS is_priced,
  CASE WHEN is_priced THEN ListCost ELSE 0 END AS list_cost,
  CASE WHEN is_priced THEN ContractedCost ELSE 0 END AS contracted_cost,
  CASE WHEN is_priced THEN EffectiveCost ELSE 0 END AS priced_cost
FROM costed;
