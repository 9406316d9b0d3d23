-- Only what says the invoice month of each row of a Parquet file is read: the month itself, or in Google's own FOCUS
-- export the billing period, which begins on the first in UTC (at midnight there or in California).
CREATE VIEW months AS
SELECT
  coalesce(
    nullif(invoice.month::VARCHAR, ''),
    strftime(BillingPeriodStart::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y%m')
  ) AS month,
  row_number() OVER () AS row_number
FROM (
  SELECT CAST(NULL AS STRUCT(month "NULL")) AS invoice, CAST(NULL AS "NULL") AS BillingPeriodStart
  WHERE FALSE
  UNION ALL BY NAME
  SELECT * FROM read_parquet(getvariable('file'), hive_partitioning => false)
);
