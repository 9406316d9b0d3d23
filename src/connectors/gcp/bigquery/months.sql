-- What the table holds of each month: BigQuery reads two small columns for it, and no row leaves it.
-- Times are text, so that no client rounds their microseconds. {table} is the export, {month} and {export_time} what a row has of these, {partition} the day that
-- a row came in: _PARTITIONTIME, or NULL where the table is not partitioned by it.
SELECT
  {month} AS month,
  COUNT(*) AS row_count,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', MIN({export_time})) AS first_export,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', MAX({export_time})) AS watermark,
  -- Rows that were just streamed in have no partition yet; a bound would lose them.
  IF(COUNTIF({partition} IS NULL) = 0, FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', MIN({partition})), NULL) AS first_partition,
  IF(COUNTIF({partition} IS NULL) = 0, FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', MAX({partition})), NULL) AS last_partition
FROM {table}
GROUP BY month
ORDER BY month
