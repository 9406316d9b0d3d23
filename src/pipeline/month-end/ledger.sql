-- What is posted: the allocated rows of every month, and the corrections of closed months in the months they are
-- posted in. Variables: ledger_files.
CREATE TABLE correction_columns (x_Cause VARCHAR, x_CorrectsPeriod VARCHAR);

CREATE VIEW ledger AS
SELECT * FROM correction_columns
UNION ALL BY NAME
SELECT *
FROM read_parquet(
  getvariable('ledger_files'),
  union_by_name = true,
  hive_partitioning = true,
  hive_types = {billing_period: VARCHAR, source: VARCHAR}
);
