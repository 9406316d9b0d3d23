-- How the text and the numbers of a bill become typed values, for every provider. Each macro takes whatever
-- type the file has: `typeof` is known when the statement is bound, so only the branch in use remains in the plan.

-- Blank is how text formats write "no value".
CREATE MACRO text_of(x) AS nullif(x::VARCHAR, '');

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
