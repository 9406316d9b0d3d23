-- One step of every part that the stage splits. The shares of a split are positive, so each part goes on.
INSERT INTO parts BY NAME
SELECT
  source,
  origin_row,
  origin_version,
  cell_id,
  unnest(onward_routes) AS route_id,
  unnest(split_amount(billed_cost, split_id)) AS billed_cost,
  unnest(split_amount(effective_cost, split_id)) AS effective_cost,
  unnest(split_amount(list_cost, split_id)) AS list_cost,
  unnest(split_amount(contracted_cost, split_id)) AS contracted_cost,
  unnest(split_amount(consumed_quantity, split_id)) AS consumed_quantity,
  unnest(split_amount(pricing_quantity, split_id)) AS pricing_quantity
FROM parts
JOIN stage_splits USING (route_id, cell_id);
