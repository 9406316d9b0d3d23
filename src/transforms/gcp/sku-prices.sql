-- What a SKU of the bill cost from one change of its prices up to the next. The export repeats every price each day.
--
-- Variables: price_files (what price-stage.sql made of each file of prices).
CREATE TABLE sku_prices AS
WITH

changes AS (
  SELECT *
  FROM read_parquet(getvariable('price_files'))
  SEMI JOIN (SELECT DISTINCT sku_id FROM staged) USING (sku_id)
  WINDOW days AS (PARTITION BY account_id, sku_id ORDER BY as_of, exported)
  QUALIFY row_number() OVER days = 1
    OR currency IS DISTINCT FROM lag(currency) OVER days
    OR list_rates IS DISTINCT FROM lag(list_rates) OVER days
    OR contracted_rates IS DISTINCT FROM lag(contracted_rates) OVER days
)

SELECT
  account_id AS priced_account,
  sku_id AS priced_sku,
  currency AS priced_currency,
  list_rates,
  contracted_rates,
  as_of AS priced_from,
  -- Of one day that was exported twice the first is over when it begins.
  coalesce(lead(as_of) OVER later, TIMESTAMPTZ 'infinity') AS priced_until
FROM changes
WINDOW later AS (PARTITION BY account_id, sku_id ORDER BY as_of, exported);
