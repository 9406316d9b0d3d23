-- What each value of the measured dimension or key costs, dearest first. Reads: measured.
SELECT value, outcome, currency, sum(charges)::BIGINT AS charges, sum(billed) AS billed, sum(effective) AS effective
FROM measured
GROUP BY value, outcome, currency
ORDER BY currency, outcome, effective DESC, value;
