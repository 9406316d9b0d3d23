-- The charges of most money behind one kind of evidence. Reads: evidence, charges.
-- Parameters: bill, account, category, class, text.
WITH largest AS (
  SELECT charge, period
  FROM evidence
  WHERE bill = $bill AND class = $class AND text = $text
    AND cell_account IS NOT DISTINCT FROM $account
    AND cell_category IS NOT DISTINCT FROM $category
  ORDER BY abs(billed) DESC, charge
  LIMIT 5
)
SELECT
  charge,
  period,
  used,
  sub_account AS "subAccount",
  service,
  category,
  description,
  billed
FROM charges
SEMI JOIN largest USING (charge, period)
ORDER BY abs(billed) DESC, charge;
