-- What could account for the difference between a bill and its charges: charges that are there and should not be, or that
-- are elsewhere and should be here. `amount` is what the charge would add to the sum of BilledCost.
-- Reads: charges; placements (the bill that charges of an issuer, invoice, account and currency are on; by_account and
-- by_category say what its lines tell apart); bills_asked (ids and accounts of each bill). Variables: period, decimals.

-- Read once: what is asked of the charges on the bills that differ, and of those that could be on them.
CREATE TEMP TABLE own AS
SELECT
  charges.charge, charges.source, charges.period, charges.account, charges.sub_account, charges.currency, charges.category,
  charges.billed, charges.is_of_another_month, charges.is_of_marketplace, charges.identity,
  placements.bill, placements.by_account, placements.by_category
FROM charges
INNER JOIN placements
  ON charges.issuer IS NOT DISTINCT FROM placements.issuer
  AND charges.invoice IS NOT DISTINCT FROM placements.invoice
  AND charges.account = placements.account
  AND charges.currency = placements.currency
WHERE charges.period = getvariable('period');

CREATE TEMP TABLE of_another_month AS
SELECT
  charges.charge, charges.period, charges.account, charges.currency, charges.category, charges.billed,
  bills_asked.bill, bills_asked.by_account, bills_asked.by_category
FROM charges
INNER JOIN bills_asked ON charges.invoice = bills_asked.invoice AND charges.currency = bills_asked.currency
WHERE charges.period <> getvariable('period');

-- Charges of the bill's accounts that are not on it, as far as a reason to look there is known.
CREATE TEMP TABLE elsewhere AS
WITH
accounts AS (
  SELECT DISTINCT bill, account, currency, by_account, by_category FROM bills_asked WHERE account IS NOT NULL
),
known AS (
  SELECT charge, period, bill FROM own
  UNION ALL
  SELECT charge, period, bill FROM of_another_month
)
SELECT
  charges.charge, charges.period, charges.account, charges.currency, charges.category, charges.billed,
  charges.is_of_marketplace, charges.charge_month, charges.invoice,
  accounts.bill, accounts.by_account, accounts.by_category
FROM charges
INNER JOIN accounts ON charges.account = accounts.account AND charges.currency = accounts.currency
ANTI JOIN known ON charges.charge = known.charge AND charges.period = known.period AND accounts.bill = known.bill
WHERE charges.category = 'Credit'
  OR (charges.period = getvariable('period') AND (charges.invoice IS NULL OR charges.is_of_marketplace))
  OR (charges.period > getvariable('period') AND charges.charge_month = getvariable('period'));

CREATE VIEW evidence AS
WITH
repeated AS (
  SELECT *, row_number() OVER (PARTITION BY bill, identity ORDER BY charge) AS copy FROM own
),
-- An account or category can only be too many where there are others.
of_several AS (
  SELECT
    *,
    min(account) OVER of_cell <> max(account) OVER of_cell AS has_other_accounts,
    min(sub_account) OVER of_cell <> max(sub_account) OVER of_cell AS has_other_sub_accounts,
    min(category) OVER of_cell <> max(category) OVER of_cell AS has_other_categories
  FROM own
  WINDOW of_cell AS (
    PARTITION BY bill, CASE WHEN by_account THEN account END, CASE WHEN by_category THEN category END
  )
),
by_source AS (
  SELECT *, min(source) OVER (PARTITION BY bill) AS first_source FROM own
),
-- To look at when nothing else fits: adds nothing.
every_charge AS (
  SELECT *, 'unexplained' AS class, 'Nothing that was found accounts for it.' AS text, 0 AS amount FROM own
),
duplicates AS (
  SELECT * EXCLUDE (copy), 'duplicate delivery' AS class, 'The same charges are there more than once.' AS text, -billed AS amount
  FROM repeated
  WHERE copy > 1
),
second_sources AS (
  SELECT
    * EXCLUDE (first_source),
    'duplicate delivery' AS class,
    'The source ' || source || ' brings charges of the invoice that ' || first_source || ' brings too.' AS text,
    -billed AS amount
  FROM by_source
  WHERE source <> first_source
),
turned AS (
  SELECT *, 'sign' AS class, 'Charges of the category ' || category || ' have the other sign on the invoice.' AS text, -2 * billed AS amount
  FROM own
),
all_turned AS (
  SELECT *, 'sign' AS class, 'All charges have the other sign on the invoice.' AS text, -2 * billed AS amount
  FROM own
),
-- No invoice is without usage, and credits are looked at below.
categories AS (
  SELECT
    * EXCLUDE (has_other_accounts, has_other_sub_accounts, has_other_categories),
    CASE category WHEN 'Tax' THEN 'tax' ELSE 'missing category' END AS class,
    'The charges have the category ' || category || ', and the invoice does not.' AS text,
    -billed AS amount
  FROM of_several
  WHERE has_other_categories AND category NOT IN ('Usage', 'Credit')
),
marketplace AS (
  SELECT *, 'marketplace' AS class, 'Charges of the marketplace are not on the invoice.' AS text, -billed AS amount
  FROM own
  WHERE is_of_marketplace
),
marketplace_elsewhere AS (
  SELECT *, 'marketplace' AS class, 'The invoice has charges of the marketplace that are not on it in the export.' AS text, billed AS amount
  FROM elsewhere
  WHERE is_of_marketplace AND period = getvariable('period')
),
accounts AS (
  SELECT
    * EXCLUDE (has_other_accounts, has_other_sub_accounts, has_other_categories),
    'missing account' AS class,
    'The charges have the account ' || account || ', and the invoice does not.' AS text,
    -billed AS amount
  FROM of_several
  WHERE has_other_accounts
),
sub_accounts AS (
  SELECT
    * EXCLUDE (has_other_accounts, has_other_sub_accounts, has_other_categories),
    'missing account' AS class,
    'The charges have the sub account ' || sub_account || ', and the invoice does not.' AS text,
    -billed AS amount
  FROM of_several
  WHERE has_other_sub_accounts AND sub_account IS NOT NULL
),
credits AS (
  SELECT *, 'credit placement' AS class, 'The charges have credits that the invoice does not have.' AS text, -billed AS amount
  FROM own
  WHERE category = 'Credit'
),
credits_elsewhere AS (
  SELECT
    *,
    'credit placement' AS class,
    'The invoice has credits that the charges have ' || CASE period WHEN getvariable('period') THEN 'on another invoice.' ELSE 'in ' || period || '.' END AS text,
    billed AS amount
  FROM elsewhere
  WHERE category = 'Credit'
),
late AS (
  SELECT *, 'timing' AS class, 'Charges are of another month than the invoice.' AS text, -billed AS amount
  FROM own
  WHERE is_of_another_month
),
other_periods AS (
  SELECT *, 'timing' AS class, 'Charges of the invoice are in the billing period ' || period || '.' AS text, billed AS amount
  FROM of_another_month
),
not_invoiced AS (
  SELECT *, 'timing' AS class, 'Charges of the account are on no invoice yet.' AS text, billed AS amount
  FROM elsewhere
  WHERE period = getvariable('period') AND invoice IS NULL
),
came_later AS (
  SELECT *, 'timing' AS class, 'Usage of the month came with the bill of ' || period || '.' AS text, billed AS amount
  FROM elsewhere
  WHERE period > getvariable('period') AND charge_month = getvariable('period')
),
rounded AS (
  SELECT
    *,
    'rounding' AS class,
    'The invoice rounds each charge.' AS text,
    CASE getvariable('decimals')[currency]
      WHEN '0' THEN round(billed, 0)::DECIMAL(38, 18)
      WHEN '3' THEN round(billed, 3)::DECIMAL(38, 18)
      ELSE round(billed, 2)::DECIMAL(38, 18)
    END - billed AS amount
  FROM own
),
found AS (
  FROM every_charge
  UNION ALL BY NAME FROM duplicates
  UNION ALL BY NAME FROM second_sources
  UNION ALL BY NAME FROM turned
  UNION ALL BY NAME FROM all_turned
  UNION ALL BY NAME FROM categories
  UNION ALL BY NAME FROM marketplace
  UNION ALL BY NAME FROM marketplace_elsewhere
  UNION ALL BY NAME FROM accounts
  UNION ALL BY NAME FROM sub_accounts
  UNION ALL BY NAME FROM credits
  UNION ALL BY NAME FROM credits_elsewhere
  UNION ALL BY NAME FROM late
  UNION ALL BY NAME FROM other_periods
  UNION ALL BY NAME FROM not_invoiced
  UNION ALL BY NAME FROM came_later
  UNION ALL BY NAME FROM rounded
)
SELECT
  *,
  CASE WHEN by_account THEN account END AS cell_account,
  CASE WHEN by_category THEN category END AS cell_category
FROM found;
