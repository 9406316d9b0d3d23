-- Google's own FOCUS export (preview) → one typed row per source row, with every FOCUS column of every version (absent
-- ones NULL). No join: the rows keep the order of the file.
--
-- Variables: source_file, file_number, period (2025-11), decimal_columns, datetime_columns, text_columns, json_columns
-- (names of FOCUS columns by type), issuer_columns / issuer_names (columns that are not FOCUS's).
WITH
numbered AS (
  SELECT
    *,
    row_number() OVER () AS row_number,
    hash(raw) AS row_digest,
    list_concat(
      pairs_of(x_SystemLabels, ''),
      list_concat(pairs_of(x_ProjectLabels, 'project/'), list_concat(
        namespaced_pairs_of(list_transform(x_Tags, t -> {'key': t.key, 'value': t.value, 'namespace': coalesce(t.x_Namespace, t.namespace)})),
        pairs_of(x_Labels, '')
      ))
    ) AS tag_pairs
  FROM raw
),
typed AS (
  SELECT
    row_number,
    row_digest,
    amount_of(COLUMNS(c -> list_contains(getvariable('decimal_columns'), c))),
    time_of(COLUMNS(c -> list_contains(getvariable('datetime_columns'), c))),
    text_of(COLUMNS(c -> list_contains(getvariable('text_columns'), c))),
    nullif(text_of(COLUMNS(c -> list_contains(getvariable('json_columns'), c))), '{}'),
    -- The export has labels and tags as lists of their own instead of Tags.
    object_of_pairs(tag_pairs, has_twins(tag_pairs)) AS label_tags,
    to_json(COLUMNS(c -> list_contains(getvariable('issuer_columns'), c)))::VARCHAR
  FROM numbered
)
SELECT
  typed.*,
  getvariable('source_file') AS source_file,
  getvariable('file_number')::BIGINT * 10000000000 + row_number AS line_id,
  object_of_json(getvariable('issuer_names'), [*COLUMNS(c -> list_contains(getvariable('issuer_columns'), c))]) AS issuer_fields
FROM typed
-- Google's months begin at midnight in California, which is the first of the month in UTC too.
WHERE strftime(BillingPeriodStart AT TIME ZONE 'UTC', '%Y-%m') IS NOT DISTINCT FROM getvariable('period')
  OR BillingPeriodStart IS NULL;
