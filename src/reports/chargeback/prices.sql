-- What commitments and negotiated prices saved each target in one month. Reads: statement_charges. Parameter: period.
SELECT
  currency,
  target,
  sum(list_cost) AS list,
  sum(contracted_cost) AS contracted,
  sum(priced_cost) AS effective
FROM statement_charges
WHERE period = $period
GROUP BY ALL
ORDER BY ALL;
