-- A CUR 2.0 data export as Parquet.
SELECT * FROM cur2
