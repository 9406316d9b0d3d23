-- What AWS's files need beyond ../macros.sql.

-- Twelve digits, zeros in front included: a file that lost them by typing the column as a number gets them back.
CREATE MACRO account_of(x) AS
  CASE typeof(x) WHEN 'VARCHAR' THEN nullif(x::VARCHAR, '') ELSE lpad(x::VARCHAR, 12, '0') END;

-- Reservation fees and some bills end a period at its last second; FOCUS ends are exclusive.
CREATE MACRO exclusive_end(x) AS CASE WHEN epoch_us(x) // 1000000 % 60 = 59 THEN x + INTERVAL 1 SECOND ELSE x END;

-- CUR 2.0 nests product facts, tags and cost categories in maps; its csv writes them as JSON.
CREATE MACRO map_of(x) AS CASE typeof(x)
  WHEN 'VARCHAR' THEN nullif(x::VARCHAR, '')::JSON::MAP(VARCHAR, VARCHAR)
  WHEN 'JSON' THEN x::VARCHAR::JSON::MAP(VARCHAR, VARCHAR)
  ELSE x::MAP(VARCHAR, VARCHAR)
END;

-- A JSON object from columns: `names` holds each key already written as JSON with its colon.
-- A blank column means that the row does not have the key.
CREATE MACRO object_of_columns(names, vals) AS nullif(
  '{' || array_to_string(list_transform(vals, (v, i) -> CASE WHEN v <> '' THEN names[i] || to_json(v) END), ',') || '}',
  '{}'
);

-- A tag's key without the prefix that CUR 2.0 puts before it. Only what is no user's tag can be AWS's own.
CREATE MACRO tag_key(k) AS CASE
  WHEN starts_with(k, 'user_') THEN substr(k, 6)
  WHEN starts_with(k, 'aws_') THEN 'aws:' || substr(k, 5)
  ELSE k
END;

-- A JSON object from a map. The key of a tag with no value is kept, as true (FOCUS, Key-Value Format).
CREATE MACRO object_of_map(m, original_names) AS nullif(
  '{' || array_to_string(
    list_transform(
      map_entries(m),
      e -> to_json(coalesce(original_names[e.key], tag_key(e.key)))
        || ':' || CASE WHEN e.value <> '' THEN to_json(e.value)::VARCHAR ELSE 'true' END
    ),
    ','
  ) || '}',
  '{}'
);

-- FOCUS exports: Tags and other JSON columns come as maps in Parquet and as text in csv. An empty one is no value.
CREATE MACRO json_of(x) AS CASE typeof(x)
  WHEN 'VARCHAR' THEN nullif(nullif(x::VARCHAR, ''), '{}')
  ELSE nullif(to_json(x)::VARCHAR, '{}')
END;

-- A JSON object from values that are JSON already; a null or empty one is left out.
CREATE MACRO object_of_json(names, vals) AS nullif(
  '{' || array_to_string(list_transform(vals, (v, i) -> CASE WHEN v NOT IN ('null', '{}', '""') THEN names[i] || v END), ',') || '}',
  '{}'
);

-- amount × part ÷ whole without a double, cut off after 18 decimals. AWS states commitments with 12 decimals at most:
-- dividing first and multiplying only the rest keeps every product within 128 bits.
CREATE MACRO units_of(x) AS replace(x::DECIMAL(38, 18)::VARCHAR, '.', '')::HUGEINT;
CREATE MACRO of_units(n) AS
  (n // 1000000000000000000)::DECIMAL(20, 0) + (n % 1000000000000000000)::DECIMAL(18, 0) * 0.000000000000000001::DECIMAL(18, 18);
CREATE MACRO share_of_units(amount, part, whole) AS amount // whole * part + amount % whole * part // whole;
CREATE MACRO share_of(amount, part, whole) AS of_units(
  share_of_units(units_of(amount), units_of(part) // 1000000, units_of(whole) // 1000000)
)::DECIMAL(38, 18);
