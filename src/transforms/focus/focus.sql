-- Rows of a FOCUS file, with what other versions call their columns → the rows that are published. Values are the issuer's.
CREATE VIEW focus AS
SELECT
  every_version.*,
  source_file AS x_SourceFile,
  issuer_columns AS x_IssuerColumns
FROM every_version;
