-- A CUR 2.0 data export as csv: maps as JSON text.
SELECT * REPLACE (
  to_json(cost_category)::VARCHAR AS cost_category,
  to_json(discount)::VARCHAR AS discount,
  to_json(product)::VARCHAR AS product,
  to_json(resource_tags)::VARCHAR AS resource_tags
)
FROM cur2
