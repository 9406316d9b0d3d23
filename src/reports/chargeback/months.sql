-- Lines of every month of a range without their details. Reads: statement_charges. Parameters: first, last.
SELECT
  period,
  currency,
  target,
  mode,
  cost_centre AS "costCentre",
  gl_account AS "glAccount",
  kind,
  pool,
  rule,
  reason,
  original_period AS "originalPeriod",
  cause,
  line_issuer AS "lineIssuer",
  line_category AS "lineCategory",
  sum(cost) AS exact
FROM statement_charges
WHERE period BETWEEN $first AND $last
GROUP BY ALL
ORDER BY ALL;
