-- What the committed-use metadata says of each commitment: a small result of a table that gets a snapshot every day.
SELECT DISTINCT
  billing_account_id,
  subscription.instance_id AS instance_id,
  subscription.display_name AS display_name,
  term,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', end_time) AS end_time
FROM {table}
WHERE subscription.instance_id IS NOT NULL
ORDER BY instance_id, end_time, display_name, term, billing_account_id
