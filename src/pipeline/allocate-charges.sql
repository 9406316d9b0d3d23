-- Every charge of the month over all sources, with where its row lies in the lake: the row's number in its partition
-- from 0, and the partition's version. Variables: focus_files, focus_versions.
CREATE OR REPLACE VIEW charges AS
SELECT
  * EXCLUDE (file_row_number),
  file_row_number AS x_OriginRow,
  getvariable('focus_versions')[source]::INTEGER AS x_OriginVersion
FROM read_parquet(
  getvariable('focus_files'),
  file_row_number = true,
  union_by_name = true,
  hive_partitioning = true,
  hive_types = {billing_period: VARCHAR, source: VARCHAR}
);
