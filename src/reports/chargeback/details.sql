-- The finest that a statement shows, for one month. Reads: statement_charges. Parameter: period.
SELECT
  currency,
  target,
  any_value(target_name) AS "targetName",
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
  invoice_issuer AS "invoiceIssuer",
  service_category AS "serviceCategory",
  service,
  sub_account AS "subAccount",
  any_value(sub_account_name) AS "subAccountName",
  charge_category AS "chargeCategory",
  count(*)::INTEGER AS rows,
  sum(cost) AS exact
FROM statement_charges
WHERE period = $period
GROUP BY
  currency, target, mode, cost_centre, gl_account, kind, pool, rule, reason, original_period, cause, line_issuer,
  line_category, invoice_issuer, service_category, service, sub_account, charge_category
ORDER BY ALL;
