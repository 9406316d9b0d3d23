-- Only the day that each row's prices held on is parsed; its month is that of UTC.
CREATE VIEW months AS
SELECT
  strftime(TRY_CAST(pricing_as_of_time AS TIMESTAMPTZ) AT TIME ZONE 'UTC', '%Y%m') AS month,
  row_number() OVER () AS row_number
FROM read_json(getvariable('file'), format => 'newline_delimited', columns => {pricing_as_of_time: 'VARCHAR'});
