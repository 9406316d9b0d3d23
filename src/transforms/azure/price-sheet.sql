-- One file of a price sheet. The market price is the public one; where the sheet has none, the base price is, from
-- which the contract's was negotiated. Both are in the currency of the price.
INSERT INTO price_sheet
SELECT
  trimmed(meter_id),
  coalesce(trimmed(part_number), trimmed(product_id)),
  trimmed(product_id),
  trimmed(sku_id),
  trimmed(meter_type),
  trimmed(unit_of_measure),
  trimmed(price_type),
  trimmed(effective_start),
  coalesce(TRY_CAST(trimmed(tier) AS DOUBLE), 0),
  coalesce(nullif(amount_of(market_price), 0), amount_of(base_price))
FROM raw
WHERE trimmed(meter_id) IS NOT NULL;
