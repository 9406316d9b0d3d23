-- Small tables that `focus.sql` joins to, worked out once per delivery from what it really holds, and `charges`:
-- every row with its dates, its commitment and its prices.
--
-- Variables: period_start.

-- What the delivery decides for every row. merging: it holds actual and amortized cost, so that each charge is there twice.
CREATE TABLE settings AS
SELECT
  coalesce(bool_or(dataset = 'actual') AND bool_or(dataset = 'amortized'), FALSE) AS merging
FROM groups;

-- One spelling for each commitment, the most frequent: Azure writes the same id in several letter cases. The purchase
-- of a reservation names only its order, so its id is no commitment's.
CREATE TABLE commitments AS
WITH
spellings AS (
  SELECT benefit_id, count(*) AS rows
  FROM worded
  WHERE is_commitment AND benefit_id IS NOT NULL AND NOT ends_with(benefit_id, '/')
    AND (contains(benefit_id, '/') OR charge_kind NOT IN ('purchase', 'refund'))
  GROUP BY benefit_id
)
SELECT lower(benefit_id) AS benefit_key, arg_max(benefit_id, {rows: rows, spelling: benefit_id}) AS commitment_id
FROM spellings
GROUP BY lower(benefit_id);

-- How many of its family's smallest instance an instance counts for, by the reservation details export, whose rows are
-- of a reservation and an instance that used it. The reservation's own line has no instance; it has a ratio only when
-- all of its instances have the same.
CREATE TABLE reservation_ratios AS
SELECT
  lower(reservation_id) AS reservation_id,
  lower(instance_id) AS instance_id,
  CASE WHEN min(ratio) = max(ratio) THEN max(ratio) END AS ratio,
  bool_or(ratio <> 1) AS size_flexible
FROM reservation_details
WHERE ratio IS NOT NULL AND instance_id IS NOT NULL
GROUP BY GROUPING SETS ((lower(reservation_id), lower(instance_id)), (lower(reservation_id)));

-- What is known of an order: its reservation, when it has only one, and its unit, which is one for all of it. A
-- reservation whose usage ever counts by another ratio than 1 is counted in normalized hours.
CREATE TABLE commitment_orders AS
SELECT
  worded.commitment_order_id AS order_id,
  count(DISTINCT commitments.commitment_id) AS commitments,
  min(commitments.commitment_id) AS commitment_id,
  bool_or(coalesce(normalization_ratio, 1) <> 1 OR coalesce(reservation_ratios.size_flexible, FALSE)) AS size_flexible,
  bool_or(contains(lower(worded.benefit_id), '/microsoft.billingbenefits/') OR pricing_model_key IS NOT DISTINCT FROM 'savingsplan'
    OR charge_type_key IS NOT DISTINCT FROM 'unusedsavingsplan') AS is_savings_plan
FROM worded
LEFT JOIN commitments ON commitments.benefit_key = lower(worded.benefit_id)
LEFT JOIN reservation_ratios
  ON reservation_ratios.instance_id IS NULL AND reservation_ratios.reservation_id = last_segment(commitments.commitment_id)
WHERE is_commitment AND worded.commitment_order_id IS NOT NULL
GROUP BY worded.commitment_order_id;

-- Public prices by the price sheet, which names an enterprise product by part number and any other by product id. The
-- lowest tier counts, and of several dates the last.
CREATE TABLE public_prices AS
SELECT
  lower(meter_id) AS meter_id,
  lower(product_key) AS product_key,
  lower(unit_of_measure) AS unit_of_measure,
  arg_max(list_price, {since: coalesce(effective_start, ''), tier: -tier}) AS list_price,
  arg_max(list_price::DOUBLE, {since: coalesce(effective_start, ''), tier: -tier}) AS list_price_double,
  arg_max(product_id || '_' || sku_id || '_' || meter_type, {since: coalesce(effective_start, ''), tier: -tier}) AS price_id
FROM price_sheet
WHERE list_price > 0 AND coalesce(lower(price_type), 'consumption') = 'consumption'
GROUP BY ALL;

-- What a unit of measure says: '100 Hours' is a block of 100 hours, '10K' of 10000 units.
CREATE TABLE measures AS
WITH
seen AS (
  SELECT DISTINCT unit_of_measure, regexp_replace(lower(unit_of_measure), '\s+', ' ', 'g') AS written
  FROM worded
  WHERE unit_of_measure IS NOT NULL
),
counted AS (
  SELECT *, regexp_extract(unit_of_measure, '^(\d+)\s*([KM]?)\b\s*(.*)$', ['number', 'thousands', 'noun']) AS parts
  FROM seen
)
SELECT
  counted.unit_of_measure,
  coalesce(
    units.block_size::DECIMAL(18, 0),
    (nullif(parts.number, '')::DECIMAL(12, 0) * CASE upper(parts.thousands) WHEN 'K' THEN 1000 WHEN 'M' THEN 1000000 ELSE 1 END)::DECIMAL(18, 0)
  ) AS block_size,
  coalesce(units.unit, nullif(parts.noun, ''), 'Units') AS unit,
  units.unit IS NOT NULL AS is_known
FROM counted
LEFT JOIN units ON units.unit_of_measure = counted.written;

-- Whether a quantity counts blocks, as Azure documents and nearly all bills do, or single units: decided for each
-- unit and meter category by which of the two makes price times quantity the cost of what was bought on demand.
CREATE TABLE quantity_tests AS
WITH
tested AS (
  SELECT
    unit_of_measure,
    meter_category,
    cost_double AS cost,
    coalesce(unit_price_double, effective_price_double) * quantity_double * CASE WHEN pricing_currency <> currency THEN coalesce(exchange_rate_double, 1) ELSE 1 END AS product,
    block_size::DOUBLE AS block_size,
    -- Quantities have eight decimals; exchange rates are rounded too.
    coalesce(unit_price_double, effective_price_double) * 1e-8 + abs(cost_double) * 1e-6 AS tolerance
  FROM worded
  JOIN measures USING (unit_of_measure)
  WHERE charge_kind = 'usage' AND NOT is_commitment AND coalesce(unit_price, effective_price) > 0 AND quantity <> 0 AND cost <> 0
)
SELECT
  unit_of_measure,
  meter_category,
  count(*) AS tested_rows,
  count(*) FILTER (abs(product - cost) <= tolerance) AS block_rows,
  count(*) FILTER (block_size > 1 AND abs(product / block_size - cost) <= tolerance) AS unit_rows
FROM tested
GROUP BY unit_of_measure, meter_category;

-- The service of a resource; where its type is not in the table, of its provider if that has only one; else of the meter.
CREATE TABLE service_names AS
WITH
seen AS (
  SELECT DISTINCT consumed_service, resource_type, meter_category, (is_commitment AND charge_kind <> 'usage') IS TRUE AS by_meter
  FROM worded
),
single_services AS (
  SELECT consumed_service, min(service_name) AS service_name
  FROM services
  GROUP BY consumed_service
  HAVING count(DISTINCT service_name) = 1
),
categories AS (
  SELECT DISTINCT service_name, service_category, service_subcategory
  FROM services
),
named AS (
  SELECT
    seen.*,
    CASE
      -- Commitments are sold by Microsoft.Capacity: what they cover is what their meter says.
      WHEN by_meter THEN coalesce(meter_categories.service_name, services.service_name, single_services.service_name)
      ELSE coalesce(services.service_name, single_services.service_name, meter_categories.service_name)
    END AS service_name
  FROM seen
  LEFT JOIN services
    ON services.consumed_service = lower(seen.consumed_service) AND services.resource_type = seen.resource_type
  LEFT JOIN single_services ON single_services.consumed_service = lower(seen.consumed_service)
  LEFT JOIN meter_categories ON meter_categories.meter_category = lower(seen.meter_category)
)
SELECT named.*, categories.service_category, categories.service_subcategory
FROM named
LEFT JOIN categories ON categories.service_name = named.service_name;

CREATE VIEW staged AS
SELECT
  worded.*,
  datasets.dataset,
  usage_days.day AS usage_day,
  period_starts.day AS period_start_day,
  period_ends.day AS period_end_day
FROM worded
JOIN datasets ON datasets.source_file = worded.source_file
LEFT JOIN days AS usage_days ON usage_days.source_file = worded.source_file AND usage_days.text = worded.usage_date_text
LEFT JOIN days AS period_starts ON period_starts.source_file = worded.source_file AND period_starts.text = worded.period_start_text
LEFT JOIN days AS period_ends ON period_ends.source_file = worded.source_file AND period_ends.text = worded.period_end_text;

CREATE VIEW charges AS
WITH
dated AS (
  SELECT
    *,
    CASE WHEN pricing_currency <> currency THEN exchange_rate ELSE 1 END AS rate,
    CASE WHEN pricing_currency <> currency THEN exchange_rate_double ELSE 1 END AS rate_double,
    -- Without a unit price the effective one is the price, where no commitment has changed it.
    coalesce(unit_price, CASE WHEN NOT is_commitment THEN effective_price END) AS charged_price,
    coalesce(unit_price_double, CASE WHEN NOT is_commitment THEN effective_price_double END) AS charged_price_double,
    -- An enterprise enrolment repeats its own id as the profile's; only a Microsoft Customer Agreement bills by profile.
    (billing_profile_id IS NOT NULL AND billing_profile_id <> coalesce(billing_account_id, '')) AS is_profile,
    -- Exports without a billing period are of calendar months.
    coalesce(period_start_day, date_trunc('month', usage_day))::DATE AS period_first_day,
    (coalesce(period_end_day, last_day(usage_day)) + INTERVAL 1 DAY)::DATE AS period_next_day
  FROM staged
),
measured AS (
  SELECT
    dated.*,
    CASE WHEN dated.unit_of_measure IS NULL THEN 1 ELSE measures.block_size END AS block_size,
    coalesce(measures.unit, 'Units') AS measured_unit,
    measures.unit IS NULL AS unit_missing,
    coalesce(unit_rows > block_rows, FALSE) AS counts_units,
    public_prices.list_price AS sheet_price,
    public_prices.list_price_double AS sheet_price_double,
    public_prices.price_id AS sheet_price_id,
    commitments.commitment_id AS named_commitment_id,
    commitment_orders.commitment_id AS order_commitment_id,
    commitment_orders.commitments AS order_commitments,
    coalesce(commitment_orders.size_flexible, FALSE) AS size_flexible,
    coalesce(commitment_orders.is_savings_plan, pricing_model_key IS NOT DISTINCT FROM 'savingsplan') AS is_savings_plan,
    coalesce(normalization_ratio, instance_ratios.ratio, own_ratios.ratio, 1) AS ratio
  FROM dated
  LEFT JOIN measures ON measures.unit_of_measure = dated.unit_of_measure
  LEFT JOIN quantity_tests
    ON quantity_tests.unit_of_measure = dated.unit_of_measure
    AND quantity_tests.meter_category IS NOT DISTINCT FROM dated.meter_category
  LEFT JOIN public_prices
    ON public_prices.meter_id = lower(dated.meter_id)
    AND public_prices.product_key = lower(coalesce(dated.part_number, dated.product_id))
    AND public_prices.unit_of_measure = lower(dated.unit_of_measure)
  -- Of commitments only. That is a part of the keys: a condition on the charges alone would compare every charge with
  -- every commitment.
  LEFT JOIN commitments ON commitments.benefit_key = CASE WHEN dated.is_commitment THEN lower(dated.benefit_id) END
  LEFT JOIN commitment_orders ON commitment_orders.order_id = CASE WHEN dated.is_commitment THEN dated.commitment_order_id END
  LEFT JOIN reservation_ratios AS own_ratios
    ON own_ratios.instance_id IS NULL
    AND own_ratios.reservation_id = last_segment(coalesce(commitments.commitment_id, commitment_orders.commitment_id))
  LEFT JOIN reservation_ratios AS instance_ratios
    ON instance_ratios.reservation_id = last_segment(commitments.commitment_id)
    AND instance_ratios.instance_id = lower(dated.resource_id)
),
priced AS (
  SELECT
    *,
    CASE WHEN counts_units THEN quotient(quantity_double, block_size::DOUBLE) ELSE quantity END AS block_quantity,
    CASE WHEN counts_units THEN quantity_double / block_size::DOUBLE ELSE quantity_double END AS block_quantity_double,
    CASE WHEN rate = 1 THEN charged_price ELSE times(charged_price, charged_price_double, rate, rate_double) END AS contract_price,
    charged_price_double * rate_double AS contract_price_double,
    CASE WHEN payg_price > 0 THEN payg_price ELSE sheet_price END AS list_price_in_pricing_currency,
    CASE WHEN payg_price > 0 THEN payg_price_double ELSE sheet_price_double END AS list_price_in_pricing_currency_double,
    coalesce(payg_price, 0) <= 0 AND coalesce(payg_cost, 0) = 0 AND sheet_price > 0 AS list_price_from_sheet
  FROM measured
),
listed AS (
  SELECT
    *,
    CASE WHEN rate = 1 THEN list_price_in_pricing_currency
      ELSE times(list_price_in_pricing_currency, list_price_in_pricing_currency_double, rate, rate_double) END AS list_price,
    list_price_in_pricing_currency_double * rate_double AS list_price_double
  FROM priced
)
SELECT
  * EXCLUDE (pricing_currency, period_start_day, period_end_day, is_profile),
  CASE WHEN is_profile THEN billing_profile_id ELSE coalesce(billing_account_id, subscription_id) END AS account_id,
  CASE WHEN is_profile THEN billing_profile_name WHEN billing_account_id IS NOT NULL THEN billing_account_name ELSE subscription_name END AS account_name,
  CASE
    WHEN is_profile THEN 'Billing Profile'
    WHEN billing_account_id IS NOT NULL THEN 'Billing Account'
    WHEN subscription_id IS NOT NULL THEN 'Subscription'
  END AS account_type,
  -- The purchase of a commitment and its unused part are not of the resource provider that sold it.
  (is_commitment AND charge_kind <> 'usage') IS TRUE AS is_sold_as_commitment,
  coalesce(pricing_currency, currency) AS pricing_currency,
  usage_day::TIMESTAMP::TIMESTAMPTZ AS usage_start,
  (usage_day + INTERVAL 1 DAY)::TIMESTAMP::TIMESTAMPTZ AS usage_end,
  period_first_day::TIMESTAMP::TIMESTAMPTZ AS billing_period_start,
  period_next_day::TIMESTAMP::TIMESTAMPTZ AS billing_period_end,
  CASE
    WHEN NOT is_commitment THEN NULL
    WHEN named_commitment_id IS NOT NULL THEN named_commitment_id
    WHEN order_commitments = 1 THEN order_commitment_id
    -- Which of several reservations a purchase paid for is not said: it belongs to the order.
    ELSE coalesce(nullif(regexp_replace(benefit_id, '/(reservations|savingsplans)?/?$', '', 'i'), ''), commitment_order_id)
  END AS commitment_id,
  date_diff('day', period_first_day, period_next_day) * 24 AS period_hours,
  date_diff('day', usage_day, (usage_day + to_months(coalesce(TRY_CAST(regexp_extract(term, '\d+') AS INTEGER), 0)))::DATE) * 24 AS term_hours,
  times(contract_price, contract_price_double, block_quantity, block_quantity_double) AS priced_cost,
  CASE WHEN payg_cost <> 0 THEN payg_cost ELSE times(list_price, list_price_double, block_quantity, block_quantity_double) END AS listed_cost,
  quotient(payg_cost_double, block_quantity_double) AS payg_cost_per_unit,
  CASE
    WHEN coalesce(pricing_currency, currency) = currency THEN cost
    ELSE coalesce(cost_in_pricing_currency, quotient(cost_double, rate_double))
  END AS pricing_currency_cost,
  CASE
    WHEN lower(trim(resource_location)) IN ('', 'global', 'unassigned', 'unknown', 'intercloud') THEN NULL
    ELSE lower(trim(coalesce(resource_location, location)))
  END AS location_key
FROM listed;
