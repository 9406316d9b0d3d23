-- Cost and Usage rows → the dataset ContractCommitment: one row for each commitment that the month's charges buy or use.
-- A commitment bought from a price list is its own contract. How long it runs, what it covers and how it is paid are not
-- in charges: NULL. Amounts are those of a purchase that the month shows whole, which is one paid at once.
CREATE VIEW made AS
WITH
committed AS (
  SELECT *, ChargeCategory = 'Purchase' AND ChargeFrequency = 'One-Time' AND ChargeClass IS NULL AS is_whole_purchase
  FROM charges
  WHERE CommitmentDiscountId IS NOT NULL
),
commitments AS (
  SELECT
    ServiceProviderName,
    InvoiceIssuerName,
    BillingCurrency,
    CommitmentDiscountId,
    max(CommitmentDiscountCategory) AS category,
    max(CommitmentDiscountType) AS type,
    max(CommitmentDiscountName) AS name,
    max(CommitmentDiscountUnit) AS unit,
    CASE WHEN count(DISTINCT PricingCurrency) = 1 THEN max(PricingCurrency) END AS pricing_currency,
    CAST(sum(BilledCost) FILTER (is_whole_purchase) AS DECIMAL(38, 18)) AS cost,
    CAST(sum(CommitmentDiscountQuantity) FILTER (is_whole_purchase) AS DECIMAL(38, 18)) AS quantity
  FROM committed
  GROUP BY ServiceProviderName, InvoiceIssuerName, BillingCurrency, CommitmentDiscountId
)
SELECT
  BillingCurrency,
  'Discount' AS ContractCommitmentBenefitCategory,
  category AS ContractCommitmentCategory,
  cost AS ContractCommitmentCost,
  CAST(getvariable('created') AS TIMESTAMPTZ) AS ContractCommitmentCreated,
  name AS ContractCommitmentDescription,
  CommitmentDiscountId AS ContractCommitmentId,
  CAST(getvariable('updated') AS TIMESTAMPTZ) AS ContractCommitmentLastUpdated,
  quantity AS ContractCommitmentQuantity,
  type AS ContractCommitmentType,
  CASE WHEN quantity IS NOT NULL THEN unit END AS ContractCommitmentUnit,
  CommitmentDiscountId AS ContractId,
  InvoiceIssuerName,
  pricing_currency AS PricingCurrency,
  ServiceProviderName
FROM commitments
ORDER BY ServiceProviderName, ContractCommitmentId, InvoiceIssuerName, BillingCurrency;
