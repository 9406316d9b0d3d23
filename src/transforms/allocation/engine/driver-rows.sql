-- A driver's rows with their values typed. A blank weight says nothing of its key, as on the lines of a bill that are
-- not split. What cannot be read stays null beside its text, for the error. Variables: driver.
CREATE OR REPLACE TABLE typed_driver_rows AS
SELECT
  row_number,
  getvariable('driver') AS driver,
  key,
  match,
  "at",
  valid_from AS from_text,
  valid_to AS to_text,
  text_of(weight) AS weight_text,
  TRY(time_of("at") AT TIME ZONE 'UTC') AS used_at,
  TRY(text_of(valid_from)::DATE) AS valid_from,
  TRY(text_of(valid_to)::DATE) AS valid_to,
  TRY(amount_of(text_of(weight))) AS weight
FROM driver_rows
WHERE text_of(weight) IS NOT NULL;

INSERT INTO driver_weights BY NAME
SELECT driver, key, match, used_at, valid_from, valid_to, weight
FROM typed_driver_rows;
