-- What a family of tag keys says of each charge: the first of its spellings that the charge has.
-- Reads: charges, tag_pairs. Variable: keys.
CREATE OR REPLACE VIEW said AS
WITH
values_of_sets AS (
  SELECT tags, arg_min(trim(lower(value)), list_position(getvariable('keys'), key)) AS value
  FROM tag_pairs
  WHERE list_contains(getvariable('keys'), key)
  GROUP BY tags
)
SELECT charges.*, values_of_sets.value AS value
FROM charges
LEFT JOIN values_of_sets ON values_of_sets.tags = charges.Tags;
