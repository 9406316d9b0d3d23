-- A month of charges as a lake has them: amounts of ten decimals that seldom repeat, tags, ids and names of usual
-- length, hours over the month. Variables: rows. One charge in twenty is shared cost.
CREATE TABLE charges AS
WITH
  numbered AS (SELECT number, hash(number) AS dice FROM range(getvariable('rows')::BIGINT) AS numbers(number)),
  drawn AS (
    SELECT
      number,
      dice,
      (dice % 50_000_000_000)::DECIMAL(38, 18) * 0.0000000001::DECIMAL(18, 18) AS list_cost,
      TIMESTAMPTZ '2026-10-01 00:00:00Z' + to_hours((dice % 744)::BIGINT) AS hour,
      CASE WHEN dice % 20 = 0 THEN ['Support', 'Kubernetes', 'Database', 'Tax'][1 + (dice // 20 % 4)::INTEGER]
        ELSE 'Compute' END AS service
    FROM numbered
  )
SELECT
  list_cost::DECIMAL(38, 18) AS BilledCost,
  'billing-account-0001' AS BillingAccountId,
  'USD' AS BillingCurrency,
  'Usage' AS ChargeCategory,
  'Hourly use of a virtual machine of a usual size in a usual region' AS ChargeDescription,
  hour AS ChargePeriodStart,
  hour + INTERVAL 1 HOUR AS ChargePeriodEnd,
  (dice % 1000)::DECIMAL(38, 18) AS ConsumedQuantity,
  'Hours' AS ConsumedUnit,
  (CASE WHEN dice % 3 = 0 THEN list_cost * 0.9::DECIMAL(18, 1) ELSE list_cost END)::DECIMAL(38, 18) AS ContractedCost,
  (CASE WHEN dice % 3 = 0 THEN list_cost * 0.8::DECIMAL(18, 1) ELSE list_cost END)::DECIMAL(38, 18) AS EffectiveCost,
  list_cost::DECIMAL(38, 18) AS ListCost,
  (dice % 1000)::DECIMAL(38, 18) AS PricingQuantity,
  'Provider' AS ProviderName,
  'region-' || dice % 20 AS RegionId,
  'resource-' || lpad((dice % 40_000)::VARCHAR, 12, '0') || '-of-a-usual-length' AS ResourceId,
  service AS ServiceName,
  'sub-account-' || dice % 60 AS SubAccountId,
  'sku-' || dice % 3000 AS SkuId,
  '{"team":"Team-' || dice % 12 || '","environment":"production","application":"app-' || dice % 300 || '"}' AS Tags,
  'bill' AS source,
  '2026-10' AS billing_period,
  number AS x_OriginRow,
  1 AS x_OriginVersion
FROM drawn
ORDER BY number;
