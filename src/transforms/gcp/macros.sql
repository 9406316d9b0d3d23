-- What Google's export needs beyond ../macros.sql.

-- As in ../macros.sql, with more of the narrow roads: byte-seconds have fifteen digits and more before the point, and
-- the wide cast is a hundred times slower. TRY_CAST, since DuckDB may try a narrow cast on values that the condition
-- excludes, when it reorders conditions or reads nested vectors.
CREATE MACRO whole_digits(x) AS CASE WHEN contains(x, '.') THEN strpos(x, '.') - 1 ELSE length(x) END;
CREATE MACRO decimals(x) AS CASE WHEN contains(x, '.') THEN length(x) - strpos(x, '.') ELSE 0 END;
CREATE OR REPLACE MACRO amount_of_text(x) AS CASE
  WHEN x = '' THEN NULL
  WHEN contains(x, 'e') OR contains(x, 'E') THEN without_exponent(x)::DECIMAL(38, 18)
  WHEN whole_digits(x) <= 6 AND decimals(x) <= 12 THEN coalesce(TRY_CAST(x AS DECIMAL(18, 12))::DECIMAL(38, 18), x::DECIMAL(38, 18))
  -- As BigQuery writes any NUMERIC: 1000000.000000000.
  WHEN whole_digits(x) <= 9 AND decimals(x) <= 9 THEN coalesce(TRY_CAST(x AS DECIMAL(18, 9))::DECIMAL(38, 18), x::DECIMAL(38, 18))
  WHEN whole_digits(x) <= 12 AND decimals(x) <= 6 THEN coalesce(TRY_CAST(x AS DECIMAL(18, 6))::DECIMAL(38, 18), x::DECIMAL(38, 18))
  WHEN whole_digits(x) <= 16 AND decimals(x) <= 2 THEN coalesce(TRY_CAST(x AS DECIMAL(18, 2))::DECIMAL(38, 18), x::DECIMAL(38, 18))
  ELSE x::DECIMAL(38, 18)
END;
-- Where doubles lie closer together than a decimal's last digit (below 2^13, 2^33, 2^39 and 2^46 for 12, 6, 4 and 2
-- decimals), a decimal that casts back to the double is its shortest text. So is a whole number below 2^53.
CREATE OR REPLACE MACRO amount_of_double(x) AS CASE
  WHEN abs(x) < 8192 AND TRY_CAST(x AS DECIMAL(18, 12))::DOUBLE = x THEN TRY_CAST(x AS DECIMAL(18, 12))::DECIMAL(38, 18)
  WHEN abs(x) < 8589934592 AND TRY_CAST(x AS DECIMAL(18, 6))::DOUBLE = x THEN TRY_CAST(x AS DECIMAL(18, 6))::DECIMAL(38, 18)
  WHEN abs(x) < 549755813888 AND TRY_CAST(x AS DECIMAL(18, 4))::DOUBLE = x THEN TRY_CAST(x AS DECIMAL(18, 4))::DECIMAL(38, 18)
  WHEN abs(x) < 9007199254740992 AND trunc(x) = x THEN TRY_CAST(x AS DECIMAL(18, 0))::DECIMAL(38, 18)
  WHEN abs(x) < 70368744177664 AND TRY_CAST(x AS DECIMAL(18, 2))::DOUBLE = x THEN TRY_CAST(x AS DECIMAL(18, 2))::DECIMAL(38, 18)
  ELSE without_exponent(x::VARCHAR)::DECIMAL(38, 18)
END;

-- Google bills in whole millionths of the currency and writes them as doubles. A double that is one, but for the
-- noise of its last bits, is that number; any other stands for its shortest text, and is counted as a warning. From
-- 2^32 on its last bits are millionths themselves.
CREATE MACRO is_micros(x) AS
  coalesce(abs(x) < 4294967296 AND abs(TRY_CAST(x AS DECIMAL(18, 6))::DOUBLE - x) <= 1e-12 + abs(x) * 4e-16, FALSE);
CREATE MACRO micros_of_double(x) AS
  CASE WHEN is_micros(x) THEN TRY_CAST(x AS DECIMAL(18, 6))::DECIMAL(38, 18) ELSE amount_of_double(x) END;
CREATE MACRO micros_of_text(x) AS CASE
  WHEN x = '' THEN NULL
  WHEN is_micros(TRY_CAST(x AS DOUBLE)) THEN TRY_CAST(x::DOUBLE AS DECIMAL(18, 6))::DECIMAL(38, 18)
  ELSE amount_of_text(x)
END;
CREATE MACRO micros_of(x) AS CASE typeof(x)
  WHEN 'DOUBLE' THEN micros_of_double(x::DOUBLE)
  WHEN 'VARCHAR' THEN micros_of_text(x::VARCHAR)
  ELSE amount_of(x)
END;
-- The same of each in a list. Within a lambda the engine would look at the type of every element.
CREATE MACRO micros_of_each(xs) AS CASE typeof(xs)
  WHEN 'DOUBLE[]' THEN list_transform(xs::DOUBLE[], x -> micros_of_double(x))
  WHEN 'VARCHAR[]' THEN list_transform(xs::VARCHAR[], x -> micros_of_text(x))
  ELSE list_transform(xs, x -> amount_of(x))
END;

-- Whether an amount that was read has no digit after the sixth decimal. Below 1 a narrow decimal has all 18 of them.
CREATE MACRO whole_millionths(x) AS CASE
  WHEN x > -1 AND x < 1 THEN TRY_CAST(x AS DECIMAL(18, 18)) = TRY_CAST(x AS DECIMAL(18, 18))::DECIMAL(18, 6)
  ELSE x = x::DECIMAL(38, 6)
END;

-- Where a credit goes, by its type and, where that is not enough, by its name.
CREATE MACRO placement_of(kind, name) AS coalesce(
  getvariable('credit_placements')[coalesce(kind, '') || '|' || coalesce(name, '')],
  getvariable('credit_placements')[coalesce(kind, '') || '|'],
  'unknown'
);
CREATE MACRO credit_sum(credits, where_to) AS CASE
  WHEN len(credits) > 0
    THEN coalesce(list_sum(list_transform(list_filter(credits, c -> c.placement = where_to), c -> c.amount)), 0)::DECIMAL(38, 18)
  ELSE 0
END;

-- Labels and tags of one scheme under the keys that the FOCUS row gives them. The value '' is a value.
CREATE MACRO pairs_of(labels, prefix) AS coalesce(
  list_transform(list_filter(labels, l -> l.key <> ''), l -> {'k': prefix || l.key::VARCHAR, 'v': l.value::VARCHAR}), []
);
CREATE MACRO namespaced_pairs_of(tags) AS coalesce(
  list_transform(
    list_filter(tags, t -> t.key <> ''),
    t -> {'k': coalesce(t.namespace::VARCHAR || '/', '') || t.key::VARCHAR, 'v': t.value::VARCHAR}
  ), []
);
-- Labels or tags of newline JSON, whose fields Google's FOCUS export spells `Key`, and its preview has spelt `key`.
CREATE MACRO labels_of_json(x) AS list_transform(
  from_json(x, '["JSON"]'),
  l -> {
    'key': coalesce(l ->> '$.Key', l ->> '$.key'),
    'value': coalesce(l ->> '$.Value', l ->> '$.value'),
    'namespace': coalesce(l ->> '$.x_Namespace', l ->> '$.namespace')
  }
);
CREATE MACRO keys_of(pairs) AS list_transform(pairs, p -> p.k);
CREATE MACRO has_twins(pairs) AS len(list_distinct(keys_of(pairs))) < len(pairs);

-- A JSON object; of a key that comes twice, as `twins` says that some do, the last value counts.
CREATE MACRO object_of_pairs(pairs, twins) AS nullif(
  '{' || array_to_string(
    list_transform(
      CASE WHEN twins
        THEN list_filter(pairs, (p, i) -> NOT list_contains(list_slice(keys_of(pairs), i + 1, len(pairs)), p.k))
        ELSE pairs
      END,
      p -> to_json(p.k) || ':' || CASE WHEN p.v IS NULL THEN 'true' ELSE to_json(p.v)::VARCHAR END
    ),
    ','
  ) || '}',
  '{}'
);

-- Prices of the pricing export, by the amount from which each holds. No list is NULL.
CREATE MACRO rates_of(tiers) AS nullif(
  list_transform(
    tiers,
    t -> {'tier_start': amount_of(t.start_usage_amount), 'block': amount_of(t.pricing_unit_quantity), 'amount': amount_of(t.account_currency_amount)}
  ), []
);
-- Whether a price for a block of units explains a cost but for the rounding to a millionth. All are doubles: they choose
-- between two unit prices, and no cost is made of them.
CREATE MACRO explains(price, block, quantity, cost) AS
  block > 0 AND abs(price * abs(quantity) / block - abs(cost)) <= 0.000002;
-- Prices that do; `wanted_block` is for how many units they have to be.
CREATE MACRO explaining(rates, quantity, wanted_block, cost) AS list_filter(
  rates,
  r -> r.block = coalesce(wanted_block, r.block) AND explains(r.amount::DOUBLE, r.block::DOUBLE, quantity::DOUBLE, cost::DOUBLE)
);
CREATE MACRO only_one(found) AS CASE WHEN len(found) = 1 THEN found[1] END;

CREATE MACRO label_of(labels, wanted) AS list_filter(labels, l -> l.key = wanted)[-1].value::VARCHAR;

-- `0.000000000` and `0` are one amount, so one text. Nearly all are 0 or 1.
CREATE MACRO plain_decimal(x) AS CASE x WHEN 0 THEN '0' WHEN 1 THEN '1' ELSE rtrim(rtrim(x::DECIMAL(38, 9)::VARCHAR, '0'), '.') END;

-- Credits in full, their amounts as text, whichever way they came: the double that BigQuery holds is no amount.
CREATE MACRO credits_as_text(credits, placed) AS list_transform(
  credits,
  (c, i) -> {
    'name': c.name, 'amount': rtrim(rtrim(placed[i].amount::VARCHAR, '0'), '.'), 'full_name': c.full_name, 'id': c.id, 'type': c.type
  }
);

-- The credits of a row of newline JSON: a list of objects, or one object.
CREATE MACRO credits_of(x) AS from_json(
  CASE WHEN json_type(x) = 'OBJECT' THEN ('[' || x || ']')::JSON ELSE x END,
  '[{"name":"VARCHAR","amount":"VARCHAR","full_name":"VARCHAR","id":"VARCHAR","type":"VARCHAR"}]'
);

-- A JSON object from values that are JSON already; a null or empty one is left out. `names` holds each key as JSON,
-- with its colon.
CREATE MACRO object_of_json(names, vals) AS nullif(
  '{' || array_to_string(
    list_transform(vals, (v, i) -> CASE WHEN v NOT IN ('null', '{}', '[]', '""') THEN names[i] || v END), ','
  ) || '}',
  '{}'
);
