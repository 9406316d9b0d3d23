-- A reservation paid by the month (four small machines, used by larger ones), one paid at once, and a savings plan. What
-- they cost in a month is the sum of what was used of them and what was not, to the last digit.
-- Variables: month_start, month_days, month_ordinal, first_month ('yes' in the first one written).

CREATE OR REPLACE TABLE commitments AS
SELECT
  *,
  CASE kind
    WHEN 'plan' THEN '/providers/Microsoft.BillingBenefits/savingsPlanOrders/' || order_id || '/savingsPlans/' || id
    ELSE '/providers/Microsoft.Capacity/reservationOrders/' || order_id || '/reservations/' || id
  END AS benefit_id
FROM (
  SELECT *, uuid_of(kind || 'order') AS order_id, uuid_of(kind) AS id
  FROM (VALUES
    ('monthly', 'vm-small', 4, 96.0, 0.146, 0.18, 'Reserved VM Instance, Standard_DS1_v2, EU West, 3 Years', '36',
      'Virtual Machines DSv2 Series - D2s v2', 'Virtual Machines', 'DSv2 Series', 'D2s v2', 'Microsoft.Compute/virtualMachineScaleSets/pool', 2),
    ('upfront', 'sql-orders', 1, 24.0, 0.152, 0.19, 'Reserved SQL Database, vCore, EU West, 1 Year', '12',
      'SQL Database Single - General Purpose - vCore', 'SQL Database', 'Single/Elastic Pool General Purpose - Compute Gen5', 'vCore', 'Microsoft.Sql/servers/orders/databases/core', 1),
    ('plan', 'compute-plan', 1, 30.0, 0.0416, 0.052, 'Compute savings plan, 3 Years', '36',
      'Virtual Machines BS Series - B2s', 'Virtual Machines', 'BS Series', 'B2s', 'Microsoft.Compute/virtualMachines/burst', 1)
  ) AS t (kind, name, bought, per_day, unit_price, payg_price, order_name, term, product, meter_category, meter_subcategory, meter_name, resource, ratio)
);

-- Day by day: how much of each was used (hours of the small machine, hours, or money), and what the day cost.
CREATE OR REPLACE TABLE commitment_days AS
WITH
used AS (
  SELECT
    commitments.*,
    days.day,
    days.ordinal,
    monthly_noise(days.ordinal, 40 + length(kind)) AS luck,
    CASE kind
      WHEN 'monthly' THEN 2 * (30 + luck % 19)
      WHEN 'upfront' THEN CASE WHEN luck % 5 = 0 THEN 18 ELSE 24 END
      ELSE 18 + luck % 13
    END::DECIMAL(10, 4) AS used,
    -- 300 a month, in equal shares but for the last day, which takes what rounding left; 438 for a year; 30 a day.
    CASE kind
      WHEN 'monthly' THEN
        CASE WHEN days.ordinal = getvariable('month_days')::BIGINT - 1
          THEN 300 - (300.0 / getvariable('month_days')::BIGINT)::DECIMAL(12, 6) * (getvariable('month_days')::BIGINT - 1)
          ELSE (300.0 / getvariable('month_days')::BIGINT)::DECIMAL(12, 6)
        END
      WHEN 'upfront' THEN 1.2
      ELSE 30
    END::DECIMAL(12, 6) AS day_cost
  FROM commitments
  CROSS JOIN days
)
SELECT
  *,
  (per_day - used)::DECIMAL(10, 4) AS unused,
  (day_cost * (used / per_day))::DECIMAL(12, 6) AS used_cost,
  day_cost - (day_cost * (used / per_day))::DECIMAL(12, 6) AS unused_cost
FROM used;

CREATE OR REPLACE VIEW commitment_lines AS
WITH
production AS (
  SELECT id AS subscription_id, name AS subscription_name
  FROM subscriptions
  WHERE role = 'production'
),
rows AS (
  -- The plan's rate is 45 percent of the list price: what it pays for is more hours than its money would buy.
  SELECT 'used' AS part, ordinal AS line, day, 'Usage' AS charge_type, 'UsageBased' AS frequency, kind, used_cost AS amortized, 0 AS actual,
    CASE kind WHEN 'plan' THEN used / 0.0234 ELSE used / ratio END::DECIMAL(18, 6) AS quantity
  FROM commitment_days
  UNION ALL
  SELECT 'unused', ordinal, day, CASE kind WHEN 'plan' THEN 'UnusedSavingsPlan' ELSE 'UnusedReservation' END, 'UsageBased', kind, unused_cost, NULL, unused::DECIMAL(18, 6)
  FROM commitment_days
  UNION ALL
  -- Instalments of a savings plan say UsageBased in a Microsoft Customer Agreement.
  SELECT 'bought', 0, getvariable('month_start')::DATE, 'Purchase',
    CASE WHEN kind = 'upfront' THEN 'OneTime' WHEN kind = 'plan' AND getvariable('agreement') <> 'enterprise' THEN 'UsageBased' ELSE 'Recurring' END,
    kind, NULL,
    CASE kind WHEN 'monthly' THEN 300 WHEN 'upfront' THEN 438 ELSE 30 * getvariable('month_days')::BIGINT END, bought
  FROM commitments
  WHERE kind <> 'upfront' OR getvariable('first_month') = 'yes'
)
SELECT
  rows.part,
  rows.line,
  rows.day,
  rows.charge_type,
  rows.frequency,
  rows.quantity,
  rows.actual::DECIMAL(28, 14) AS actual,
  rows.amortized::DECIMAL(28, 14) AS amortized,
  CASE WHEN kind = 'plan' THEN 'SavingsPlan' ELSE 'Reservation' END AS pricing_model,
  CASE WHEN rows.part = 'unused' THEN NULL ELSE subscription_id END AS subscription_id,
  CASE WHEN rows.part = 'unused' THEN NULL ELSE subscription_name END AS subscription_name,
  CASE rows.part
    WHEN 'used' THEN '/subscriptions/' || subscription_id || '/resourceGroups/production-rg/providers/' || resource
    -- Only the order is named by what paid for it.
    WHEN 'bought' THEN CASE WHEN kind = 'plan' THEN benefit_id ELSE regexp_replace(benefit_id, '[^/]*$', '') END
  END AS resource_id,
  CASE WHEN rows.part = 'used' THEN 'production-rg' END AS resource_group,
  CASE WHEN rows.part = 'used' THEN 'Microsoft.Compute' WHEN kind = 'plan' THEN 'Microsoft.BillingBenefits' ELSE 'Microsoft.Capacity' END AS consumed_service,
  product,
  'AAD-22' || lpad(ascii(kind)::VARCHAR, 3, '0') AS part_number,
  'DZH318Z0CR' || upper(left(kind, 4)) AS product_id,
  uuid_of(meter_name) AS meter_id,
  meter_category,
  meter_subcategory,
  meter_name,
  'westeurope' AS resource_location,
  'EU West' AS meter_region,
  '1 Hour' AS unit_of_measure,
  CASE rows.part WHEN 'used' THEN unit_price WHEN 'bought' THEN rows.actual / rows.quantity ELSE 0 END::DECIMAL(12, 6) AS unit_price,
  -- Real enterprise rows of a reservation have a pay-as-you-go price of 0.
  CASE WHEN rows.part = 'used' AND kind = 'plan' THEN payg_price ELSE 0 END::DECIMAL(12, 6) AS payg_price,
  CASE WHEN rows.part = 'bought' AND kind <> 'plan' THEN order_id WHEN kind <> 'plan' THEN id END AS reservation_id,
  CASE WHEN rows.part = 'bought' AND kind <> 'plan' THEN regexp_replace(benefit_id, '[^/]*$', '') ELSE benefit_id END AS benefit_id,
  name AS benefit_name,
  order_id,
  order_name,
  term,
  CASE WHEN rows.part = 'used' AND kind <> 'plan' THEN '"ReservationId":"' || id || '","RINormalizationRatio":' || ratio || '.0' END AS info_members,
  CASE WHEN rows.part = 'used' THEN '"CostCenter": "Payments","env": "prod"' END AS tags
FROM rows
JOIN commitments USING (kind)
CROSS JOIN production;
