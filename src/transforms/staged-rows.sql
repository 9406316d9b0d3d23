-- The rows that were staged, with their number in the staged file. Sessions that write a part of the bill each see a
-- part of them (transform.ts).
--
-- Variables: staged_files (typed Parquet of ours: write-staged.ts), first_row and end_row (of each file
-- only the rows from the one up to the other; all when not set).
CREATE VIEW staged_rows AS
SELECT *
FROM read_parquet(getvariable('staged_files'), file_row_number => TRUE, hive_partitioning => FALSE)
WHERE file_row_number >= coalesce(getvariable('first_row')::BIGINT, 0)
  AND file_row_number < coalesce(getvariable('end_row')::BIGINT, 9223372036854775807);
