-- The first day (UTC) of a month whose usage may still grow: the newest day of the source that is furthest behind.
-- Reads: ledger. Parameter: period.
WITH newest AS (
  SELECT source, max(ChargePeriodStart) AS used
  FROM ledger
  WHERE billing_period = $period AND ChargeCategory = 'Usage' AND x_CorrectsPeriod IS NULL
  GROUP BY source
)
SELECT strftime(min(used), '%Y-%m-%d') AS day
FROM newest;
