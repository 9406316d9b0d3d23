-- Pseudo-random numbers from row numbers and the seed alone, so that a bill is the same on every machine
-- and however many threads write it. Every product stays below 2^63.
CREATE OR REPLACE MACRO scrambled(x) AS (xor(x, x >> 13) * 48271) % 2147483647;

-- 0 to 2^31 - 2. `n` counts what differs from row to row, `salt` tells apart the uses of one `n`.
CREATE OR REPLACE MACRO noise(n, salt) AS
  scrambled(scrambled((n::BIGINT * 16807 + salt::BIGINT * 69621 + getvariable('noise_seed')::BIGINT) % 2147483647));

-- The same, but other numbers in every month.
CREATE OR REPLACE MACRO monthly_noise(n, salt) AS noise(n::BIGINT + getvariable('month_ordinal')::BIGINT * 10000000, salt);

-- AWS's ids are 52 letters and digits that stay the same for one item from hour to hour.
CREATE OR REPLACE MACRO item_id(text) AS md5(text) || left(md5(text || '+'), 20);
CREATE OR REPLACE MACRO hex_id(text) AS left(md5(text), 17);
CREATE OR REPLACE MACRO uuid_of(text) AS regexp_replace(md5(text), '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\1-\2-\3-\4-\5');

-- Rates are written with ten decimals.
CREATE OR REPLACE MACRO rate_text(rate) AS rate::DECIMAL(18, 10)::VARCHAR;

CREATE OR REPLACE MACRO interval_text(period_start, period_end) AS
  strftime(period_start, '%Y-%m-%dT%H:%M:%SZ') || '/' || strftime(period_end, '%Y-%m-%dT%H:%M:%SZ');

-- The enterprise discount of this demo: 5 percent of whatever is left after the other discount.
CREATE OR REPLACE MACRO enterprise_discount(cost) AS (cost * 0.05)::DECIMAL(18, 10);

-- Money to the ten decimals of a bill.
CREATE OR REPLACE MACRO money(x) AS x::DECIMAL(18, 10);

-- AWS writes amounts as Java does: 4.0E-7 below a thousandth, 0.0 and 24.0 with their one decimal otherwise.
CREATE OR REPLACE MACRO significant_digits(x) AS ltrim(regexp_replace(abs(x)::VARCHAR, '\.', ''), '0');
CREATE OR REPLACE MACRO exponent_text(x) AS
  CASE WHEN x < 0 THEN '-' ELSE '' END
  || left(significant_digits(x), 1) || '.'
  || coalesce(nullif(rtrim(substr(significant_digits(x), 2), '0'), ''), '0')
  || 'E' || (length(significant_digits(x)) - 11);
CREATE OR REPLACE MACRO amount_text(x) AS CASE
  WHEN x <> 0 AND abs(x) < 0.001 THEN exponent_text(money(x))
  ELSE x::DOUBLE::VARCHAR
END;

-- A map without the keys that have no value.
CREATE OR REPLACE MACRO map_of(keys, vals) AS map_from_entries(
  list_filter(list_zip(keys, vals), entry -> entry[2] IS NOT NULL)
);
