-- The charges of the looked-at months that cost something. Credits and refunds follow what they reduce, so they count
-- neither way. Reads: focus. Variables: first_period, last_period.
CREATE OR REPLACE VIEW charges AS
SELECT
  *,
  greatest(BilledCost, 0) AS billed,
  greatest(EffectiveCost, 0) AS effective
FROM focus
WHERE billing_period BETWEEN getvariable('first_period') AND getvariable('last_period')
  AND (BilledCost > 0 OR EffectiveCost > 0);
