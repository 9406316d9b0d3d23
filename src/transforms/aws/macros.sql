-- How the text and the numbers of a bill become typed values. Each macro takes whatever type the file
-- has: `typeof` is known when the statement is bound, so only the branch in use remains in the plan.

-- Blank is AWS's way of writing "no value".
CREATE MACRO text_of(x) AS nullif(x::VARCHAR, '');

-- Twelve digits, zeros in front included: a file that lost them by typing the column as a number gets them back.
CREATE MACRO account_of(x) AS
  CASE typeof(x) WHEN 'VARCHAR' THEN nullif(x::VARCHAR, '') ELSE lpad(x::VARCHAR, 12, '0') END;

-- A cast to at most 18 digits is some forty times faster than to 38, but rounds what it cannot hold in silence:
-- it gets the texts that fit, the others (long, or with an exponent) take the wide road.
CREATE MACRO amount_of_text(x) AS CASE
  WHEN x = '' THEN NULL
  WHEN (length(x) <= 6 OR (strpos(x, '.') BETWEEN 1 AND 7 AND length(x) - strpos(x, '.') <= 12))
    AND NOT contains(x, 'E') AND NOT contains(x, 'e') THEN x::DECIMAL(18, 12)::DECIMAL(38, 18)
  ELSE x::DECIMAL(38, 18)
END;

-- A double stands for its shortest decimal text. Up to 9007 with 12 decimals the same value comes out of a
-- narrow decimal, proven by casting back; the text is the slow way that is always right.
CREATE MACRO amount_of_double(x) AS CASE
  WHEN abs(x) < 9007 AND x::DECIMAL(18, 12)::DOUBLE = x THEN x::DECIMAL(18, 12)::DECIMAL(38, 18)
  ELSE x::VARCHAR::DECIMAL(38, 18)
END;

CREATE MACRO amount_of(x) AS CASE typeof(x)
  WHEN 'VARCHAR' THEN amount_of_text(x::VARCHAR)
  WHEN 'DOUBLE' THEN amount_of_double(x::DOUBLE)
  WHEN 'FLOAT' THEN x::VARCHAR::DECIMAL(38, 18)
  ELSE x::DECIMAL(38, 18)
END;

-- Times are UTC; ISO 8601 texts say so themselves.
CREATE MACRO time_of(x) AS
  CASE typeof(x) WHEN 'VARCHAR' THEN nullif(x::VARCHAR, '')::TIMESTAMPTZ ELSE x::TIMESTAMPTZ END;

-- Reservation fees and some bills end a period at its last second; FOCUS ends are exclusive.
CREATE MACRO exclusive_end(x) AS CASE WHEN date_part('second', x) = 59 THEN x + INTERVAL 1 SECOND ELSE x END;

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

-- A JSON object from a map. The key of a tag with no value is kept, as true (FOCUS, Key-Value Format).
CREATE MACRO object_of_map(m, original_names) AS nullif(
  '{' || array_to_string(
    list_transform(
      map_entries(m),
      e -> to_json(coalesce(original_names[e.key], regexp_replace(regexp_replace(e.key, '^user_', ''), '^aws_', 'aws:')))
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
