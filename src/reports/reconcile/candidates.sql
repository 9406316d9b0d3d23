-- What each kind of evidence adds up to. Reads: evidence.
SELECT
  bill,
  cell_account AS account,
  cell_category AS category,
  class,
  text,
  count(*)::INTEGER AS found,
  sum(amount)::DECIMAL(38, 18) AS amount
FROM evidence
GROUP BY ALL
ORDER BY ALL;
