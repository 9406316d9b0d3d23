-- How values of a FOCUS file are read, whatever type the file gives them. Beyond ../macros.sql: what issuers write
-- instead of no value.

-- Texts that stand for no value: what databases and data frames print for it.
CREATE MACRO is_null_text(x) AS list_contains(['NULL', 'null', 'Null', '\N', 'None', '<NA>'], trim(x));
CREATE MACRO is_blank_text(x) AS trim(x) = '';
CREATE MACRO value_of_text(x) AS
  CASE WHEN NOT list_contains(['', 'NULL', 'null', 'Null', '\N', 'None', '<NA>'], trim(x)) THEN x END;

-- An object with no key is no value.
CREATE MACRO json_value(x) AS
  CASE typeof(x) WHEN 'VARCHAR' THEN nullif(trim(x::VARCHAR), '{}') ELSE nullif(nullif(to_json(x)::VARCHAR, '{}'), 'null') END;

-- A value of any type as a JSON text; no value is the JSON null.
CREATE MACRO issuer_value(x) AS coalesce(to_json(x)::VARCHAR, 'null');

-- Times as FOCUS wants them written: 2025-01-31T23:00:00Z.
CREATE MACRO is_focus_time(x) AS regexp_full_match(x, '\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z');

-- Long enough to have lost digits, or to show those of a double.
CREATE MACRO is_long_number(x) AS length(x) > 16 OR contains(x, 'E') OR contains(x, 'e');

-- Sixteen or seventeen digits that mean something: what a double prints when sums left noise in its last bits.
CREATE MACRO is_float_noise(x) AS regexp_full_match(rtrim(ltrim(replace(x, '.', ''), '-+0'), '0'), '\d{16,17}');

-- How many values of a row a rule met.
CREATE MACRO met(hits) AS coalesce(list_sum(hits), 0)::INTEGER;

-- A JSON object from values that are JSON already; `names` holds each key as JSON with its colon. A null is left out.
CREATE MACRO issuer_object(names, vals) AS nullif(
  '{' || array_to_string(list_transform(vals, (v, i) -> CASE WHEN v <> 'null' THEN names[i] || v END), ',') || '}',
  '{}'
);
