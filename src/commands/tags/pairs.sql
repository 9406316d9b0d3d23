-- One row per tag of each set of tags. Keys that differ only in case and punctuation are one family; values that
-- differ only in case and the spaces around them mean the same. Reads: charges.
CREATE OR REPLACE TABLE tag_pairs AS
WITH
tag_sets AS (
  SELECT
    row_number() OVER () AS tag_set,
    Tags AS tags,
    BillingCurrency AS currency,
    count(*) AS charges,
    sum(billed) AS billed,
    sum(effective) AS effective
  FROM charges
  GROUP BY Tags, BillingCurrency
),
pairs AS (
  SELECT tag_set, tags, currency, charges, billed, effective, each.key, each.value ->> '$' AS value
  FROM tag_sets, json_each(tag_sets.tags) AS each
)
SELECT
  *,
  coalesce(nullif(lower(regexp_replace(key, '[^A-Za-z0-9]', '', 'g')), ''), key) AS family,
  lower(trim(value)) AS meaning
FROM pairs
WHERE trim(value) <> '';
