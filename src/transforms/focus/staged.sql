-- Variables: staged_files (typed Parquet of ours), period (2025-01), shared_files (names of
-- the files whose folders promise no month: they may hold several).
CREATE VIEW everything_staged AS
SELECT * EXCLUDE (issuer_columns), nullif(issuer_columns, '{}') AS issuer_columns
FROM read_parquet(getvariable('staged_files'), hive_partitioning => FALSE);

-- Rows of other months are of other units, which read the same file.
CREATE VIEW staged AS
SELECT *
FROM everything_staged
WHERE billing_month IS NOT DISTINCT FROM getvariable('period')
  OR billing_month IS NULL
  OR NOT list_contains(getvariable('shared_files'), source_file);

CREATE VIEW every_column AS
SELECT * REPLACE (coalesce(x_SourceLineId, line_number) AS x_SourceLineId)
FROM staged;
