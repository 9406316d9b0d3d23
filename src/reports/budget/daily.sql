-- What each target was charged, by day. Usage goes on from day to day; purchases, fees, taxes, credits and corrections come
-- as they come. Reads: ledger. Variable: charge_on.
SELECT
  billing_period AS period,
  x_Target AS target,
  BillingCurrency AS currency,
  strftime(ChargePeriodStart, '%Y-%m-%d') AS day,
  CASE
    WHEN x_CorrectsPeriod IS NOT NULL OR ChargeClass = 'Correction' THEN 'correction'
    WHEN ChargeCategory = 'Usage' THEN 'usage'
    ELSE 'item'
  END AS kind,
  sum(CASE getvariable('charge_on') WHEN 'BilledCost' THEN BilledCost ELSE EffectiveCost END)::DECIMAL(38, 18) AS cost
FROM ledger
GROUP BY ALL
ORDER BY ALL;
