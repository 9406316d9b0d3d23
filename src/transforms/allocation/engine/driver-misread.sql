-- The first value that could not be read.
SELECT row_number, kind, value
FROM (
  SELECT row_number, 'weight' AS kind, weight_text AS value FROM typed_driver_rows WHERE weight IS NULL
  UNION ALL
  SELECT row_number, 'at', "at" FROM typed_driver_rows WHERE text_of("at") IS NOT NULL AND used_at IS NULL
  UNION ALL
  SELECT row_number, 'validFrom', from_text FROM typed_driver_rows WHERE text_of(from_text) IS NOT NULL AND valid_from IS NULL
  UNION ALL
  SELECT row_number, 'validTo', to_text FROM typed_driver_rows WHERE text_of(to_text) IS NOT NULL AND valid_to IS NULL
)
ORDER BY row_number, kind
LIMIT 1;
