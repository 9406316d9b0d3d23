-- What a file of charges says of its month and its dataset. `seen` holds the columns below as text, absent ones as NULL.
WITH
keyed AS (
  SELECT
    *,
    regexp_replace(lower(charge_type), '[^a-z]', '', 'g') AS charge_key,
    regexp_replace(lower(pricing_model), '[^a-z]', '', 'g') IN ('reservation', 'savingsplan') AS is_commitment
  FROM seen
)
SELECT
  list_sort(list(DISTINCT nullif(trim(period_start), '')) FILTER (trim(period_start) <> '')) AS starts,
  list_sort(list(DISTINCT nullif(trim(period_end), '')) FILTER (trim(period_end) <> '')) AS ends,
  list_sort(list(DISTINCT nullif(trim(charge_date), '')) FILTER (trim(charge_date) <> '')) AS dates,
  -- Of a cost only whether it is zero is asked, which a double tells of any spelling.
  -- The purchase of a commitment is in actual cost alone; what of it was used at a cost, or not used, in amortized cost.
  count(*) FILTER (is_commitment AND charge_key IN ('purchase', 'refund')) AS actual_rows,
  count(*) FILTER (charge_key LIKE 'unused%' OR (is_commitment AND charge_key = 'usage' AND TRY_CAST(cost AS DOUBLE) <> 0)) AS amortized_rows
FROM keyed;
