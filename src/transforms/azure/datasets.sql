-- Which of the files are actual cost and which amortized cost. The manifest says so; files without one are told by
-- what they hold. `file_groups (source_file, group_name, declared)`: the files of one export run, or one plain file,
-- are a group of one dataset; declared is actual, amortized or NULL.

-- Azure's closed vocabularies by meaning; an unknown spelling has none.
CREATE VIEW worded AS
SELECT
  staged_text.*,
  charge_types.meaning AS charge_kind,
  frequencies.meaning AS frequency_kind,
  pricing_models.meaning AS pricing_kind,
  (charge_types.meaning = 'unused' OR pricing_models.meaning IS NOT DISTINCT FROM 'commitment'
    OR (pricing_model_key IS NULL AND benefit_id IS NOT NULL)) IS TRUE AS is_commitment,
  -- Some exports hold rows of which every column but the date is blank.
  (cost IS NULL AND quantity IS NULL AND meter_id IS NULL AND resource_id IS NULL AND product IS NULL) AS is_blank
FROM staged_text
LEFT JOIN vocabulary AS charge_types ON charge_types.field = 'charge type' AND charge_types.written = charge_type_key
LEFT JOIN vocabulary AS frequencies ON frequencies.field = 'frequency' AND frequencies.written = frequency_key
LEFT JOIN vocabulary AS pricing_models ON pricing_models.field = 'pricing model' AND pricing_models.written = pricing_model_key;

CREATE TABLE groups AS
WITH
evidence AS (
  SELECT
    group_name,
    any_value(declared) AS declared,
    count(worded.source_file) AS source_rows,
    any_value(promised_rows)::BIGINT AS promised_rows,
    coalesce(sum(cost), 0) AS total,
    -- The purchase of a commitment is in the actual data alone; what of it was used or not, at a cost, in the
    -- amortized data alone. Covered usage that costs nothing is how the actual data shows it.
    count(*) FILTER (is_commitment AND charge_kind IN ('purchase', 'refund')) AS actual_rows,
    count(*) FILTER (charge_kind = 'unused' OR (is_commitment AND charge_kind = 'usage' AND cost <> 0)) AS amortized_rows,
    count(*) FILTER (is_commitment AND charge_kind = 'usage' AND cost = 0) AS covered_free_rows
  FROM file_groups
  LEFT JOIN worded ON worded.source_file = file_groups.source_file
  GROUP BY group_name
),
told AS (
  SELECT
    *,
    CASE
      WHEN declared IS NOT NULL THEN declared
      WHEN actual_rows > 0 AND amortized_rows > 0 THEN 'both'
      WHEN actual_rows > 0 THEN 'actual'
      WHEN amortized_rows > 0 THEN 'amortized'
      WHEN covered_free_rows > 0 THEN 'actual'
    END AS told
  FROM evidence
)
SELECT
  group_name,
  source_rows,
  total,
  promised_rows,
  actual_rows + amortized_rows + covered_free_rows > 0 AS has_commitments,
  CASE
    WHEN told IS NOT NULL THEN told
    WHEN source_rows = 0 OR (SELECT count(told) FILTER (source_rows > 0) FROM told) = 0 THEN 'sole'
    ELSE 'unclear'
  END AS dataset
FROM told;

CREATE TABLE datasets AS
SELECT source_file, group_name, dataset
FROM file_groups
JOIN groups USING (group_name);
