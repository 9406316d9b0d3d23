-- What must hold before the rows of a bill are published. The same views for every provider
-- (src/transforms/transform.ts says what each column means), and `warnings`: what was kept but is worth a look.

-- Source values that no rule covers, row by row.
CREATE VIEW problem_rows AS
WITH
hints AS (
  SELECT *
  FROM (VALUES
    ('unknown cost type', 'cost_type', 'Nothing is guessed about money: report the type, or update focal if Google has added it.'),
    ('unknown adjustment type', 'adjustment_info.type', 'Nothing is guessed about money: report the type, or update focal if Google has added it.'),
    ('no invoice month', 'invoice.month', 'Expected a month such as 202511: is this a billing export?'),
    ('no amount', 'cost', 'Deliver the export again with this column filled.'),
    ('credit without an amount', 'credits.amount', 'Deliver the export again with this field filled.'),
    ('no currency', 'currency', 'Deliver the export again with this column filled.'),
    ('no billing account', 'billing_account_id', 'Deliver the export again with this column filled.'),
    ('no usage time', 'usage_start_time', 'Deliver the export again with usage_start_time and usage_end_time filled.'),
    ('a price for no quantity', 'price.pricing_unit_quantity', 'A price is for a number of units; 0 cannot be one. Deliver the export again.')
  ) AS t (problem, "column", hint)
),
found AS (
  SELECT
    source_file,
    row_number,
    unnest([
      CASE WHEN class = 'unknown' THEN {'problem': 'unknown cost type', 'value': coalesce(cost_type, '')} END,
      CASE WHEN class = 'unknown_adjustment' THEN {'problem': 'unknown adjustment type', 'value': adjustment_type} END,
      CASE WHEN invoice_month IS DISTINCT FROM getvariable('invoice_month') THEN {'problem': 'no invoice month', 'value': coalesce(invoice_month, '')} END,
      CASE WHEN cost IS NULL THEN {'problem': 'no amount', 'value': ''} END,
      CASE WHEN credit_without_amount THEN {'problem': 'credit without an amount', 'value': ''} END,
      CASE WHEN currency IS NULL THEN {'problem': 'no currency', 'value': ''} END,
      CASE WHEN billing_account_id IS NULL THEN {'problem': 'no billing account', 'value': ''} END,
      CASE WHEN usage_start IS NULL OR usage_end IS NULL THEN {'problem': 'no usage time', 'value': ''} END,
      CASE WHEN pricing_unit_quantity = 0 THEN {'problem': 'a price for no quantity', 'value': '0'} END
    ]) AS found
  FROM classified
  WHERE charge_kind IS NULL AND (
    class LIKE 'unknown%' OR invoice_month IS DISTINCT FROM getvariable('invoice_month') OR cost IS NULL OR credit_without_amount
    OR currency IS NULL OR billing_account_id IS NULL OR usage_start IS NULL OR usage_end IS NULL OR pricing_unit_quantity = 0
  )
)
SELECT found.found.problem, found.source_file AS file, hints."column", found.found.value, found.row_number, hints.hint
FROM found
JOIN hints ON hints.problem = found.found.problem;

-- Any row here stops the unit.
CREATE VIEW problems AS
SELECT problem, file, "column", value, count(*) AS source_rows, hint
FROM problem_rows
GROUP BY problem, file, "column", value, hint
UNION ALL
SELECT 'more than one currency in one bill', min(source_file), 'currency', string_agg(DISTINCT currency, ', ' ORDER BY currency), count(*),
  'A billing account is billed in one currency: configure one source per billing account.'
FROM bill
HAVING count(DISTINCT currency) > 1;

-- What was read in a way that somebody may want to know of.
CREATE VIEW warnings AS
SELECT 'credit of an unknown type: a Credit row of its own' AS warning, credit_type AS value, count(*) AS source_rows,
  'Report the type: focal may have to place it on the row instead.' AS hint
FROM charges
WHERE charge_kind = 'credit' AND placement_of(credit_type, credit_name) = 'unknown'
GROUP BY credit_type
UNION ALL
SELECT 'a label or tag key twice on one row: the last value counts', '', count(*), 'FOCUS allows a key once.'
FROM bill
WHERE repeats_tag_key
HAVING count(*) > 0
UNION ALL
SELECT 'rows loaded more than once: kept once', '', count(*), 'Look at what loads the export: the same rows arrived again.'
FROM copies
HAVING count(*) > 0
UNION ALL
SELECT 'amounts that are not whole millionths: kept as written', '', count(*), 'Google bills in millionths: was the export changed on its way?'
FROM bill
WHERE NOT whole_millionths(cost) OR NOT whole_millionths(all_credits)
HAVING count(*) > 0
UNION ALL
SELECT 'committed-use offsets that differ from the usage they paid for', cud_match, count(*), 'Shared in proportion; the totals hold.'
FROM coverage
WHERE cud_match IS NOT NULL
GROUP BY cud_match
UNION ALL
SELECT 'prices of the pricing export that do not explain the cost: the cost by the quantity instead', unexplained_price, count(*),
  'Usage across tiers, or charged at another price. Where it is most of the bill: is it the pricing export of this account?'
FROM bill
WHERE unexplained_price IS NOT NULL
GROUP BY unexplained_price
UNION ALL
SELECT 'prices of the pricing export in another currency than the bill: the cost by the quantity instead', other_price_currency, count(*),
  'Prices are in the currency of an account: is it the pricing export of this account?'
FROM bill
WHERE other_price_currency IS NOT NULL
GROUP BY other_price_currency
UNION ALL
SELECT 'services that focal has no category for: Other', bill.service_name, count(*), 'Add the service to reference/services.csv.'
FROM bill
ANTI JOIN services USING (service_name)
WHERE bill.service_name IS NOT NULL AND coalesce(bill.transaction_type, '') NOT LIKE 'THIRD_PARTY%'
GROUP BY bill.service_name;

-- Where every source row went, and how many FOCUS rows came of it.
CREATE VIEW accounting AS
WITH
rows_made AS (
  SELECT
    class,
    credit_type,
    unmatched_part <> 0 AS has_unmatched,
    CASE class
      WHEN 'commitment_fee' THEN 1 + (unused_part <> 0)::INTEGER + (unmatched_part <> 0)::INTEGER
      WHEN 'usage_covered' THEN 1 + (covered_part <> cost OR row_credits <> 0)::INTEGER
      WHEN 'unknown' THEN 0
      WHEN 'unknown_adjustment' THEN 0
      ELSE 1
    END AS focus_rows,
    cost + row_credits + commitment_credits + offset_credits AS net_cost
  FROM classified
),
outcomes AS (
  SELECT
    CASE WHEN class = 'credit' THEN 'added' WHEN focus_rows = 0 THEN 'refused' WHEN focus_rows > 1 THEN 'split' ELSE 'kept' END AS outcome,
    CASE
      WHEN class = 'credit' AND placement_of(credit_type, '') = 'unknown' THEN 'credit of the unknown type ' || coalesce(credit_type, '(none)') || ': a row of its own'
      WHEN class = 'credit' THEN 'credit that pays for charges: a row of its own'
      WHEN focus_rows = 0 THEN 'type that no rule covers'
      WHEN focus_rows > 1 AND has_unmatched THEN 'committed-use fee: the purchase, what went unused, and an offset that matches no usage'
      WHEN focus_rows > 1 THEN plan.reason
      ELSE ''
    END AS reason,
    rows_made.*
  FROM rows_made
  LEFT JOIN (SELECT plan_class, min(reason) AS reason FROM row_plan GROUP BY plan_class) AS plan ON plan.plan_class = rows_made.class
)
SELECT
  outcome,
  coalesce(reason, '') AS reason,
  CASE outcome WHEN 'added' THEN 0 ELSE count(*) END AS source_rows,
  sum(focus_rows)::BIGINT AS focus_rows,
  sum(net_cost)::DECIMAL(38, 18) AS source_cost
FROM outcomes
GROUP BY outcome, reason
UNION ALL
SELECT 'dropped', 'row loaded more than once', count(*), 0, sum(cost + all_credits)::DECIMAL(38, 18)
FROM staged
SEMI JOIN copies USING (line_id)
HAVING count(*) > 0;

-- Totals of the FOCUS rows worked out from the source alone, by another road than the row plan's: fees move
-- between rows, and nothing is earned or lost on the way.
CREATE VIEW controls AS
SELECT measure, 'sum of cost and all credits' AS basis, CAST(coalesce(total, 0) AS DECIMAL(38, 18)) AS expected
FROM (SELECT sum(cost) + sum(all_credits) AS total FROM bill)
CROSS JOIN (VALUES ('BilledCost'), ('EffectiveCost')) AS t (measure);

-- Used and unused make up the fee, pool by pool, to the last digit; what usage gave up is what the discounts are.
CREATE VIEW identities AS
SELECT
  'committed use: used and unused make up the fee' AS identity, commitment_id AS subject,
  sum(used_part) + sum(unused_part) - sum(fee) AS difference, 0::DECIMAL(38, 18) AS tolerance
FROM coverage
GROUP BY commitment_id
UNION ALL
SELECT
  'committed use: covered cost and unmatched offsets are the discounts', coverage.commitment_id,
  sum(coverage.covered_part) + sum(coverage.unmatched_part)
    + sum(CASE WHEN coverage.is_fee THEN bill.offset_credits WHEN coverage.basis = 'offset' THEN 0 ELSE bill.commitment_credits END), 0
FROM coverage
JOIN bill USING (line_id)
GROUP BY coverage.commitment_id;
