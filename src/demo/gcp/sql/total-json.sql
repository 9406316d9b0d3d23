-- What the files of one month charge, in whole millionths: cost and credits of each row, and a row only once.
SELECT (sum(round(cost * 1e6)::HUGEINT + coalesce(list_sum(list_transform(credits, c -> round(c.amount * 1e6)::HUGEINT)), 0))::DECIMAL(30, 0)
  * 0.000001::DECIMAL(7, 6))::VARCHAR AS billed
FROM (
  SELECT cost, credits
  FROM (
    SELECT DISTINCT json
    FROM read_json_objects(getvariable('bill_files'), format => 'newline_delimited')
  )
  CROSS JOIN LATERAL (
    SELECT (json ->> '$.cost')::DOUBLE AS cost, from_json(json -> '$.credits', '[{"amount":"DOUBLE"}]') AS credits
  )
);
