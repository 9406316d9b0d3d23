-- What rules share (schemas/focus/rules.json).

-- How far price times quantity is from the cost, where the product fits in a decimal; else NULL.
CREATE OR REPLACE TEMP MACRO exact_distance(cost, price, quantity) AS
  CASE WHEN abs(cost) < 90 THEN TRY(abs(price::DECIMAL(38, 18) * quantity::DECIMAL(38, 18) - cost::DECIMAL(38, 18))) END;

-- Whether a cost is not the product of price and quantity, but for the errors that rules.json allows. Up to 900 units
-- those are between 1e-9 and 2e-9. Decimals decide nearly always: the engine makes a double of a wide decimal only by way
-- of its text, which takes 20 times as long.
CREATE OR REPLACE TEMP MACRO misses_product(cost, price, quantity) AS CASE
  WHEN exact_distance(cost, price, quantity) <= 0.000000001 THEN FALSE
  WHEN abs(quantity) < 900 AND exact_distance(cost, price, quantity) > 0.000000002 THEN TRUE
  ELSE abs(price::DOUBLE * quantity::DOUBLE - cost::DOUBLE) > 1e-9 + 1e-12 * abs(quantity::DOUBLE) + 1e-15 * abs(cost::DOUBLE)
END;

-- Whether a cost is price times quantity but for what its provider rounds off. Decided likewise.
CREATE OR REPLACE TEMP MACRO rounds_product(cost, price, quantity, tolerance) AS coalesce(
  exact_distance(cost, price, quantity) <= tolerance,
  abs(price::DOUBLE * quantity::DOUBLE - cost::DOUBLE) <= tolerance
);
