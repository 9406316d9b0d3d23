-- What Azure's files need beyond ../macros.sql.

-- Text without the blanks around it; blank is no value. `trim` looks at every character, and of ASCII texts only those
-- with a space at an end need it.
CREATE MACRO trimmed(x) AS CASE
  WHEN x::VARCHAR = '' THEN NULL
  WHEN starts_with(x::VARCHAR, ' ') OR ends_with(x::VARCHAR, ' ') OR strlen(x::VARCHAR) <> length(x::VARCHAR) THEN nullif(trim(x::VARCHAR), '')
  ELSE x::VARCHAR
END;

-- Enterprise exports write JSON objects without their braces.
CREATE MACRO braced(x) AS CASE
  WHEN trim(x) IN ('', '""', 'null') THEN NULL
  WHEN starts_with(trim(x), '{') THEN trim(x)
  ELSE '{' || rtrim(trim(x), ',') || '}'
END;

-- The text of an object as it was delivered, or of a map in Parquet.
CREATE MACRO object_text(x) AS CASE typeof(x) WHEN 'VARCHAR' THEN braced(x::VARCHAR) ELSE nullif(to_json(x)::VARCHAR, 'null') END;

-- A flat JSON object with each key once. Of a key that is there twice the last value counts, as JSON parsers do;
-- a tag without a value is kept, as true (FOCUS, Key-Value Format); what is nested becomes text.
CREATE MACRO flat_entry(key, value) AS to_json(key)::VARCHAR || ':' || CASE
  WHEN value IS NULL OR value::VARCHAR IN ('null', '""') THEN 'true'
  WHEN json_type(value) IN ('OBJECT', 'ARRAY') THEN to_json(value::VARCHAR)::VARCHAR
  ELSE value::VARCHAR
END;
CREATE MACRO flat_object_of(keys, vals) AS nullif(
  '{' || array_to_string(
    list_transform(keys, lambda key, i: CASE WHEN list_position(list_slice(keys, i + 1, len(keys)), key) IS NULL THEN flat_entry(key, vals[i]) END),
    ','
  ) || '}',
  '{}'
);
-- Most objects are flat already, without a null: then the engine writes them. `":""` is an empty value wherever it is in
-- JSON, for the quotes of a text that holds it would have backslashes.
CREATE MACRO flat_object(x) AS CASE
  WHEN list_unique(json_keys(x)) < len(json_keys(x)) OR regexp_matches(json(x)::VARCHAR, ':(null|[{\[])')
    THEN flat_object_of(json_keys(x), json_extract(x, '$.*'))
  ELSE nullif(replace(json(x)::VARCHAR, '":""', '":true'), '{}')
END;

-- `"key":"value",` for a value that is there.
CREATE MACRO member(key, value) AS '"' || key || '":' || to_json(value)::VARCHAR;

-- The kind of resource that an id names: /subscriptions/…/providers/Microsoft.Sql/servers/a/databases/b is
-- microsoft.sql/servers/databases.
CREATE MACRO type_of_segments(segments) AS segments[1] || '/' || array_to_string(segments[2:-:2], '/');
CREATE MACRO without_slash(id) AS CASE WHEN ends_with(id, '/') THEN rtrim(id, '/') ELSE id END;
CREATE MACRO resource_type_of(id) AS CASE
  WHEN contains(lower(id), '/providers/')
    THEN type_of_segments(string_split(string_split(lower(without_slash(id)), '/providers/')[-1], '/'))
END;
CREATE MACRO resource_name_of(id) AS
  CASE WHEN contains(id, '/') THEN nullif(parse_filename(without_slash(id), FALSE, 'forward_slash'), '') END;

-- Amounts that are multiplied or divided come as two: the exact one, and a double beside it. The double leads to the
-- narrow decimal that a product can be had of, and the exact amount proves that narrow one right. From the exact one
-- alone both are a hundred times as far; that way is left for 2^22 and more, where doubles lie further apart than 1e-9.
CREATE MACRO narrowed(exact, double) AS CASE
  WHEN TRY_CAST(double AS DECIMAL(18, 9))::DECIMAL(38, 18) = exact THEN TRY_CAST(double AS DECIMAL(18, 9))
  WHEN abs(exact) >= 4194304 AND TRY_CAST(exact AS DECIMAL(18, 9)) = exact THEN TRY_CAST(exact AS DECIMAL(18, 9))
END;

-- Price times quantity. Exact when neither has more than nine decimals, which is nearly always; else in double
-- precision, rounded to twelve.
CREATE MACRO times(price, price_double, quantity, quantity_double) AS coalesce(
  (narrowed(price, price_double) * narrowed(quantity, quantity_double))::DECIMAL(38, 18),
  round(price_double * quantity_double, 12)::DECIMAL(28, 12)::DECIMAL(38, 18)
);

-- Azure's closed vocabularies come in several spellings: `UsageBased`, `Usage-Based`, `usagebased`.
CREATE MACRO key_of(x) AS nullif(regexp_replace(lower(x::VARCHAR), '[^a-z]', '', 'g'), '');

-- The order that a commitment was bought with. A reservation can be split or merged, its order stays.
CREATE MACRO order_of(benefit_id, reservation_id, product_order_id) AS CASE
  WHEN benefit_id IS NOT NULL OR reservation_id IS NOT NULL THEN coalesce(
    nullif(regexp_extract(lower(benefit_id), '/(?:reservationorders|savingsplanorders)/([^/]+)', 1), ''),
    lower(product_order_id),
    lower(reservation_id)
  )
END;

-- The guid that a resource id ends with, in lower case.
CREATE MACRO last_segment(id) AS nullif(regexp_extract(lower(id), '[^/]+$'), '');

-- FOCUS exports write times to the minute (2025-01-01T00:00Z) or as dates alone; all are UTC.
CREATE MACRO utc_time_of(x) AS CASE typeof(x)
  WHEN 'VARCHAR' THEN regexp_replace(nullif(trim(x::VARCHAR), ''), '^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2})(Z?)$', '\1:00\2')::TIMESTAMPTZ
  ELSE x::TIMESTAMPTZ
END;

-- A JSON object from columns: `names` holds each key already written as JSON with its colon. A blank column is left out.
CREATE MACRO object_of_columns(names, vals) AS nullif(
  '{' || array_to_string(list_transform(vals, lambda v, i: CASE WHEN v <> '' THEN names[i] || to_json(v) END), ',') || '}',
  '{}'
);
