-- Days after the end of the month from which the bill no longer moves, by what it says of its invoices: none when
-- every charge is on one, settling_days when it names none at all, NULL while it names some and charges wait for theirs.
SELECT CASE
  WHEN bool_and(InvoiceId IS NULL) AND getvariable('settling_days') IS NOT NULL THEN CAST(getvariable('settling_days') AS INTEGER)
  WHEN bool_or(InvoiceId IS NULL AND BilledCost > 0) THEN NULL
  ELSE 0
END AS days
FROM invoiced
