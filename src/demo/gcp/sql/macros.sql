-- Pseudo-random numbers from row numbers and the seed alone, so that a bill is the same on every machine
-- and however many threads write it. Every product stays below 2^63.
CREATE OR REPLACE MACRO scrambled(x) AS (xor(x, x >> 13) * 48271) % 2147483647;
CREATE OR REPLACE MACRO noise(n, salt) AS
  scrambled(scrambled((n::BIGINT * 16807 + salt::BIGINT * 69621 + getvariable('noise_seed')::BIGINT) % 2147483647));
CREATE OR REPLACE MACRO monthly_noise(n, salt) AS noise(n::BIGINT + getvariable('month_ordinal')::BIGINT * 10000000, salt);

-- Google bills in millionths.
CREATE OR REPLACE MACRO micros(x) AS x::DECIMAL(18, 6);

CREATE OR REPLACE MACRO credit_of(kind, credit_name, amount) AS
  CASE WHEN amount <> 0 THEN [{'type': kind, 'name': credit_name, 'full_name': credit_name, 'id': credit_name, 'amount': micros(amount)}] ELSE [] END;
