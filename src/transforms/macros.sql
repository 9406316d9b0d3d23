-- How the text and the numbers of a bill become typed values, for every provider. Each macro takes whatever
-- type the file has: `typeof` is known when the statement is bound, so only the branch in use remains in the plan.

-- Blank is how text formats write "no value".
CREATE MACRO text_of(x) AS nullif(x::VARCHAR, '');

-- `1.5E-7` is `0.00000015`. The engine's own cast rounds such a text once for every digit that it drops, so that
-- 6E-20, and 5E-100 too, would become 1E-18; the plain text is rounded once.
CREATE MACRO without_exponent(x) AS CASE
  WHEN regexp_full_match(x, '[+-]?\d(\.\d*)?[eE]-0*[1-9]\d*')
    THEN CASE WHEN starts_with(x, '-') THEN '-' ELSE '' END
      || '0.' || repeat('0', least(regexp_extract(x, '\d+$')::BIGINT - 1, 40))
      || regexp_extract(x, '\d') || regexp_extract(x, '\.(\d*)', 1)
  ELSE x
END;

-- A cast to at most 18 digits is some forty times faster than to 38, but rounds what it cannot hold in silence:
-- it gets the texts that fit, the others (long, or with an exponent) take the wide road. It is a TRY_CAST because
-- the engine may work out a branch for a whole dictionary of values, those that the condition rules out among them.
CREATE MACRO amount_of_text(x) AS CASE
  WHEN x = '' THEN NULL
  WHEN contains(x, 'E') OR contains(x, 'e') THEN without_exponent(x)::DECIMAL(38, 18)
  WHEN length(x) <= 6 OR (strpos(x, '.') BETWEEN 1 AND 7 AND length(x) - strpos(x, '.') <= 12)
    THEN coalesce(TRY_CAST(x AS DECIMAL(18, 12))::DECIMAL(38, 18), x::DECIMAL(38, 18))
  ELSE x::DECIMAL(38, 18)
END;

-- A double stands for its shortest decimal text. Below 8192 doubles lie less than 1e-12 apart, so no two decimals
-- with 12 digits after the point are the same double: a narrow decimal that casts back to the double is that text.
-- Otherwise the text is the slow way that is always right.
CREATE MACRO amount_of_double(x) AS CASE
  WHEN abs(x) < 8192 AND TRY_CAST(x AS DECIMAL(18, 12))::DOUBLE = x THEN TRY_CAST(x AS DECIMAL(18, 12))::DECIMAL(38, 18)
  ELSE without_exponent(x::VARCHAR)::DECIMAL(38, 18)
END;

CREATE MACRO amount_of(x) AS CASE typeof(x)
  WHEN 'VARCHAR' THEN amount_of_text(x::VARCHAR)
  WHEN 'DOUBLE' THEN amount_of_double(x::DOUBLE)
  WHEN 'FLOAT' THEN without_exponent(x::VARCHAR)::DECIMAL(38, 18)
  ELSE x::DECIMAL(38, 18)
END;

-- The same number as a double, for quotients: a wide decimal becomes a double only by way of its text.
CREATE MACRO double_of(x) AS CASE typeof(x) WHEN 'VARCHAR' THEN TRY_CAST(x::VARCHAR AS DOUBLE) ELSE x::DOUBLE END;

-- A quotient of doubles with the twelve decimals that prices have.
CREATE MACRO quotient(amount, quantity) AS
  CASE WHEN quantity <> 0 THEN round(amount / quantity, 12)::DECIMAL(28, 12)::DECIMAL(38, 18) END;

-- Whether reading an amount had to round it: digits beyond the eighteenth decimal that are not zero.
CREATE MACRO loses_digits(x) AS CASE typeof(x)
  WHEN 'VARCHAR' THEN CASE
    WHEN length(x::VARCHAR) > 19 OR contains(x::VARCHAR, 'E') OR contains(x::VARCHAR, 'e')
      THEN coalesce(regexp_matches(without_exponent(x::VARCHAR), '\.\d{18}\d*[1-9]'), FALSE)
    ELSE FALSE
  END
  -- Nearly all have twelve decimals at most, as in amount_of_double; the text of a double takes long.
  WHEN 'DOUBLE' THEN CASE
    WHEN x::DOUBLE IS NULL OR abs(x::DOUBLE) >= 0.01 OR TRY_CAST(x::DOUBLE AS DECIMAL(18, 12))::DOUBLE = x::DOUBLE THEN FALSE
    ELSE regexp_matches(without_exponent(x::DOUBLE::VARCHAR), '\.\d{18}\d*[1-9]')
  END
  ELSE FALSE
END;

-- Times are UTC; ISO 8601 texts say so themselves. A zone that is spelt takes the engine twenty times as long as `Z`, and
-- the cast of a TIMESTAMP asks a calendar for the hours between it and UTC, of which there are none.
CREATE MACRO time_of(x) AS CASE typeof(x)
  WHEN 'TIMESTAMP' THEN make_timestamptz(epoch_us(x::TIMESTAMP))
  WHEN 'VARCHAR' THEN (CASE WHEN ends_with(x::VARCHAR, ' UTC') THEN left(x::VARCHAR, -4) || 'Z' ELSE nullif(x::VARCHAR, '') END)::TIMESTAMPTZ
  ELSE x::TIMESTAMPTZ
END;
