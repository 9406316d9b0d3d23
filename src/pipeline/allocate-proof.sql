-- Charges whose parts do not sum to them, by measure: none when the allocation is exact. A measure that a charge lacks,
-- its parts lack too. Variables: origin_file, parts_file.
CREATE OR REPLACE TABLE unproven AS
WITH
origins AS (
  SELECT
    file_row_number AS origin_row,
    {
      'BilledCost': BilledCost,
      'EffectiveCost': EffectiveCost,
      'ListCost': ListCost,
      'ContractedCost': ContractedCost,
      'ConsumedQuantity': ConsumedQuantity,
      'PricingQuantity': PricingQuantity
    } AS whole
  FROM read_parquet(getvariable('origin_file'), file_row_number = true)
),
parts AS (
  SELECT
    x_OriginRow AS origin_row,
    {
      'BilledCost': sum(BilledCost),
      'EffectiveCost': sum(EffectiveCost),
      'ListCost': sum(ListCost),
      'ContractedCost': sum(ContractedCost),
      'ConsumedQuantity': sum(ConsumedQuantity),
      'PricingQuantity': sum(PricingQuantity)
    } AS sums
  FROM read_parquet(getvariable('parts_file'))
  GROUP BY x_OriginRow
)
SELECT coalesce(origins.origin_row, parts.origin_row) AS origin_row, whole, sums
FROM origins
FULL JOIN parts ON parts.origin_row = origins.origin_row
WHERE whole IS DISTINCT FROM sums;
