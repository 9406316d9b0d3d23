-- Pseudo-random numbers from row numbers and the seed alone, so that the files are the same on every machine.
-- Every product stays below 2^63.
CREATE OR REPLACE MACRO scrambled(x) AS (xor(x, x >> 13) * 48271) % 2147483647;

-- 0 to 2^31 - 2. `n` counts what differs from row to row, `salt` tells apart the uses of one `n`.
CREATE OR REPLACE MACRO noise(n, salt) AS
  scrambled(scrambled((n::BIGINT * 16807 + salt::BIGINT * 69621 + getvariable('noise_seed')::BIGINT) % 2147483647));

-- The same, but other numbers in every month.
CREATE OR REPLACE MACRO monthly_noise(n, salt) AS noise(n::BIGINT + getvariable('month_ordinal')::BIGINT * 10000000, salt);

CREATE OR REPLACE MACRO uuid_of(text) AS
  regexp_replace(md5(getvariable('organisation') || text), '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\1-\2-\3-\4-\5');

-- Amounts without their trailing zeros, as Azure writes them.
CREATE OR REPLACE MACRO plain(x) AS regexp_replace(regexp_replace(x::VARCHAR, '(\.\d*?)0+$', '\1'), '\.$', '');

-- Everything in the currency of the prices first; what is billed is that times the rate of the month.
CREATE OR REPLACE MACRO billed(x) AS (x * getvariable('rate')::DECIMAL(6, 4))::DECIMAL(38, 18);

-- Digits after the eighteenth decimal, which only a cost that is written with all eighteen can have.
CREATE OR REPLACE MACRO more_digits_of(digits, cost) AS CASE
  WHEN digits = '' THEN ''
  WHEN plain(cost) NOT LIKE '%.%' THEN '.' || repeat('0', 18) || digits
  ELSE repeat('0', 18 - length(regexp_extract(plain(cost), '\.(\d*)', 1))) || digits
END;
