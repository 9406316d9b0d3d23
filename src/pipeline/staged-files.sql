-- The staged files in their order and how many rows each holds, by their footers; none when the rows of `focus` are
-- not to be divided.
SELECT files.file, metadata.num_rows AS rows
FROM (SELECT unnest(getvariable('staged_files')) AS file, unnest(range(len(getvariable('staged_files')))) AS position) AS files
JOIN parquet_file_metadata(getvariable('staged_files')) AS metadata ON metadata.file_name = files.file
WHERE getvariable('divisible')
ORDER BY files.position;
