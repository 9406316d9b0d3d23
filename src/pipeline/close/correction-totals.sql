-- What the corrections of a partition sum to. Variables: corrections_file.
SELECT
  x_CorrectsPeriod AS corrects,
  x_Cause AS cause,
  BillingCurrency AS currency,
  count(*)::INTEGER AS rows,
  sum(BilledCost) AS "billedCost",
  sum(EffectiveCost) AS "effectiveCost"
FROM read_parquet(getvariable('corrections_file'), hive_partitioning = false)
GROUP BY ALL
ORDER BY ALL;
