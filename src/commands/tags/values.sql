-- Values of one key that mean the same and are spelt apart, dearest first. Reads: tag_pairs.
WITH
spellings AS (
  SELECT family, meaning, value, sum(charges)::BIGINT AS charges, sum(effective) AS effective
  FROM tag_pairs
  GROUP BY family, meaning, value
)
SELECT
  family,
  meaning,
  to_json(list(value ORDER BY charges DESC, value)) AS spellings,
  sum(charges)::BIGINT AS charges
FROM spellings
GROUP BY family, meaning
HAVING count(*) > 1
ORDER BY sum(effective) DESC, family, meaning;
