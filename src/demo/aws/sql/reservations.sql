-- Reserved instances: the upfront fee when bought, one RIFee a month with what was left unused, and the
-- discounted usage of every interval. Size-flexible reservations count in normalized units, a zonal one in hours.
-- Variables: anchor, month_start, month_end, delivered_intervals, data.

CREATE OR REPLACE TABLE reservations AS
WITH

bought AS (
  SELECT
    source.* REPLACE (
      reserved_instances::BIGINT AS reserved_instances,
      units_per_instance::BIGINT AS units_per_instance,
      flexible::BOOLEAN AS flexible,
      upfront_per_hour::DECIMAL(9, 4) AS upfront_per_hour,
      recurring_per_hour::DECIMAL(9, 4) AS recurring_per_hour
    ),
    accounts.id AS buyer_id,
    accounts.name AS buyer_name,
    strptime(
      strftime(getvariable('anchor')::TIMESTAMP + to_months(bought_months_after::INTEGER), '%Y-%m-') || lpad(bought_at, 11, '0'),
      '%Y-%m-%d %H:%M:%S'
    ) AS start_time,
    'arn:aws:' || service || ':' || region || ':' || accounts.id || ':reserved-instances/' || uuid_of(getvariable('organisation') || reservation) AS arn,
    (noise(row_number() OVER (), 21) % 9000000 + 1000000)::VARCHAR AS subscription_id
  FROM read_csv(getvariable('data') || '/reservations.csv', all_varchar = true) AS source
  JOIN accounts ON accounts.role = source.buyer
)

-- Billed by the full hour; a month counts the hours from the first one after the purchase.
SELECT
  *,
  greatest(start_time, getvariable('month_start')::TIMESTAMP) AS fee_start,
  time_bucket(INTERVAL 1 HOUR, fee_start + INTERVAL 3599 SECOND) AS counted_from,
  reserved_instances * date_diff('hour', counted_from, getvariable('month_end')::TIMESTAMP) AS month_hours
FROM bought
WHERE start_time < getvariable('month_end')::TIMESTAMP
ORDER BY reservation;

CREATE OR REPLACE TABLE reservation_lines AS
WITH

-- Tenths of an hour, so that every share of a fee is exact in eight decimals.
used AS (
  SELECT
    reservations.*,
    usage.slot,
    usage.usage_type AS used_usage_type,
    usage.instance_type AS used_instance_type,
    usage.vcpu,
    usage.memory,
    usage.availability_zone AS used_zone,
    usage.on_demand_rate::DECIMAL(9, 5) AS on_demand_rate,
    accounts.id AS account_id,
    accounts.name AS account_name,
    replace(replace(usage.resource, '{hex}', hex_id(reservation || usage.slot || accounts.id)), '{account}',
      accounts.id) AS resource_id,
    usage.factor::BIGINT AS factor,
    intervals.usage_start,
    intervals.usage_end,
    intervals.time_interval,
    least(1000, usage.least_permille::BIGINT + monthly_noise(intervals.ordinal,
      200 + usage.slot::BIGINT) % (1200 - usage.least_permille::BIGINT)) AS permille,
    (intervals.hours * usage.instances::BIGINT * permille // 100 * 0.1)::DECIMAL(18, 1) AS used_hours,
    (used_hours * usage.factor::BIGINT)::DECIMAL(18, 1) AS used_units,
    (used_units * recurring_per_hour)::DECIMAL(18, 8) AS used_recurring_by_units,
    (used_units * upfront_per_hour)::DECIMAL(18, 8) AS used_upfront_by_units
  FROM reservations
  JOIN read_csv(getvariable('data') || '/reservation-usage.csv', all_varchar = true) AS usage USING (reservation)
  JOIN accounts USING (role)
  JOIN intervals ON intervals.usage_start >= reservations.counted_from
  WHERE intervals.ordinal < getvariable('delivered_intervals')::BIGINT
),

-- A reservation's rates are per hour of the reserved size: a unit costs its share of that. Units per instance
-- are powers of two, so the quotient ends after at most four more decimals; hours count in tenths.
costed AS (
  SELECT
    *,
    (used_recurring_by_units * (1.0 / units_per_instance)::DECIMAL(9, 4))::DECIMAL(18, 8) AS used_recurring,
    (used_upfront_by_units * (1.0 / units_per_instance)::DECIMAL(9, 4))::DECIMAL(18, 8) AS used_upfront
  FROM used
),

discounted_usage AS (
  SELECT
    'DiscountedUsage' AS line_item_line_item_type,
    item_id(reservation || '/' || slot || '/used') AS identity_line_item_id,
    time_interval,
    usage_start AS line_item_usage_start_date,
    usage_end AS line_item_usage_end_date,
    account_id AS line_item_usage_account_id,
    account_name AS line_item_usage_account_name,
    product_code AS line_item_product_code,
    used_usage_type AS line_item_usage_type,
    operation AS line_item_operation,
    used_zone AS line_item_availability_zone,
    resource_id AS line_item_resource_id,
    used_hours::DECIMAL(18, 3) AS line_item_usage_amount,
    CASE WHEN flexible THEN factor::DECIMAL(18, 3) END AS line_item_normalization_factor,
    CASE WHEN flexible THEN used_units::DECIMAL(18, 3) END AS line_item_normalized_usage_amount,
    rate_text(0) AS line_item_unblended_rate,
    money(0) AS line_item_unblended_cost,
    'Linux/UNIX, ' || used_instance_type || ' reserved instance applied' AS line_item_line_item_description,
    money(used_hours * on_demand_rate) AS pricing_public_on_demand_cost,
    rate_text(on_demand_rate) AS pricing_public_on_demand_rate,
    'Hrs' AS pricing_unit,
    'Reserved' AS pricing_term,
    '1yr' AS pricing_lease_contract_length,
    'standard' AS pricing_offering_class,
    payment_option AS pricing_purchase_option,
    left(upper(md5(used_usage_type)), 16) AS product_sku,
    left(upper(md5(used_usage_type)), 16) || '.38NPMPTW36.6YS6EN2CT7' AS pricing_rate_code,
    product_name AS product_product_name,
    product_family AS product_product_family,
    product_code AS product_servicecode,
    region AS product_region_code,
    used_instance_type AS product_instance_type,
    instance_family AS product_instance_family,
    vcpu AS product_vcpu,
    memory AS product_memory,
    arn AS reservation_reservation_a_r_n,
    subscription_id AS reservation_subscription_id,
    used_upfront AS reservation_amortized_upfront_cost_for_usage,
    used_recurring AS reservation_recurring_fee_for_usage,
    used_upfront + used_recurring AS reservation_effective_cost,
    used_upfront * 0.95 AS reservation_net_amortized_upfront_cost_for_usage,
    used_recurring * 0.95 AS reservation_net_recurring_fee_for_usage,
    (used_upfront + used_recurring) * 0.95 AS reservation_net_effective_cost,
    CASE WHEN slot = '2' THEN 'SEARCH' ELSE 'Search' END AS tag_cost_center
  FROM costed
),

-- The whole month's commitment against what was used so far.
month AS (
  SELECT
    reservations.*,
    coalesce(sum(costed.used_hours), 0)::DECIMAL(18, 8) AS used_hours,
    coalesce(sum(costed.used_units), 0)::DECIMAL(18, 8) AS used_units,
    coalesce(sum(costed.used_recurring), 0)::DECIMAL(18, 8) AS used_recurring,
    coalesce(sum(costed.used_upfront), 0)::DECIMAL(18, 8) AS used_upfront
  FROM reservations
  LEFT JOIN costed USING (reservation)
  GROUP BY ALL
),

fees AS (
  SELECT
    *,
    (month_hours * recurring_per_hour)::DECIMAL(18, 8) AS month_recurring,
    (month_hours * upfront_per_hour)::DECIMAL(18, 8) AS month_upfront,
    month_recurring - used_recurring AS unused_recurring,
    month_upfront - used_upfront AS unused_upfront,
    getvariable('month_end')::TIMESTAMP - INTERVAL 1 SECOND AS fee_end
  FROM month
),

monthly_fee AS (
  SELECT
    'RIFee' AS line_item_line_item_type,
    item_id(reservation || '/fee') AS identity_line_item_id,
    interval_text(fee_start, fee_end) AS time_interval,
    fee_start AS line_item_usage_start_date,
    fee_end AS line_item_usage_end_date,
    buyer_id AS line_item_usage_account_id,
    buyer_name AS line_item_usage_account_name,
    product_code AS line_item_product_code,
    usage_type AS line_item_usage_type,
    operation AS line_item_operation,
    availability_zone AS line_item_availability_zone,
    month_hours::DECIMAL(18, 3) AS line_item_usage_amount,
    CASE WHEN flexible THEN units_per_instance::DECIMAL(18, 3) END AS line_item_normalization_factor,
    CASE WHEN flexible THEN (month_hours * units_per_instance)::DECIMAL(18, 3) END AS line_item_normalized_usage_amount,
    rate_text(recurring_per_hour) AS line_item_unblended_rate,
    money(month_recurring) AS line_item_unblended_cost,
    'RiVolumeDiscount' AS discount_type,
    money(month_recurring * 0.05) AS discount_amount,
    'USD ' || recurring_per_hour::DOUBLE || ' hourly fee per Linux/UNIX, ' || instance_type || ' instance' AS line_item_line_item_description,
    money(0) AS pricing_public_on_demand_cost,
    left(upper(md5(usage_type)), 16) AS product_sku,
    product_name AS product_product_name,
    product_family AS product_product_family,
    product_code AS product_servicecode,
    region AS product_region_code,
    instance_type AS product_instance_type,
    instance_family AS product_instance_family,
    arn AS reservation_reservation_a_r_n,
    subscription_id AS reservation_subscription_id,
    availability_zone AS reservation_availability_zone,
    'Original' AS reservation_modification_status,
    start_time AS reservation_start,
    reserved_instances::VARCHAR AS reservation_number_of_reservations,
    (month_hours / reserved_instances)::DECIMAL(18, 10)::VARCHAR AS reservation_units_per_reservation,
    month_hours::DECIMAL(18, 10)::VARCHAR AS reservation_total_reserved_units,
    CASE WHEN flexible THEN (month_hours * units_per_instance / reserved_instances)::DECIMAL(18, 10)::VARCHAR END AS reservation_normalized_units_per_reservation,
    CASE WHEN flexible THEN (month_hours * units_per_instance)::DECIMAL(18, 10)::VARCHAR END AS reservation_total_reserved_normalized_units,
    month_upfront AS reservation_amortized_upfront_fee_for_billing_period,
    unused_upfront AS reservation_unused_amortized_upfront_fee_for_billing_period,
    unused_recurring AS reservation_unused_recurring_fee,
    -- In hours of the reserved size: for a flexible reservation these do not add up with the hours used.
    CASE
      WHEN flexible THEN ((month_hours * units_per_instance - used_units) * (1.0 / units_per_instance)::DECIMAL(9, 4))::DECIMAL(18, 8)
      ELSE (month_hours - used_hours)::DECIMAL(18, 8)
    END AS reservation_unused_quantity,
    CASE WHEN flexible THEN (month_hours * units_per_instance - used_units)::DECIMAL(18, 8) END AS reservation_unused_normalized_unit_quantity,
    (reserved_instances * 8760 * upfront_per_hour)::DECIMAL(18, 8) AS reservation_upfront_value,
    month_upfront * 0.95 AS reservation_net_amortized_upfront_fee_for_billing_period,
    unused_upfront * 0.95 AS reservation_net_unused_amortized_upfront_fee_for_billing_period,
    unused_recurring * 0.95 AS reservation_net_unused_recurring_fee,
    reserved_instances * 8760 * upfront_per_hour * 0.95 AS reservation_net_upfront_value
  FROM fees
),

upfront_fee AS (
  SELECT
    'Fee' AS line_item_line_item_type,
    item_id(reservation || '/upfront') AS identity_line_item_id,
    interval_text(start_time, start_time + to_hours(8760) - INTERVAL 1 SECOND) AS time_interval,
    start_time AS line_item_usage_start_date,
    start_time + to_hours(8760) - INTERVAL 1 SECOND AS line_item_usage_end_date,
    buyer_id AS line_item_usage_account_id,
    buyer_name AS line_item_usage_account_name,
    product_code AS line_item_product_code,
    usage_type AS line_item_usage_type,
    operation AS line_item_operation,
    availability_zone AS line_item_availability_zone,
    reserved_instances::DECIMAL(18, 3) AS line_item_usage_amount,
    rate_text(8760 * upfront_per_hour) AS line_item_unblended_rate,
    money(reserved_instances * 8760 * upfront_per_hour) AS line_item_unblended_cost,
    'RiVolumeDiscount' AS discount_type,
    money(reserved_instances * 8760 * upfront_per_hour * 0.05) AS discount_amount,
    'Sign up charge for subscription: ' || subscription_id AS line_item_line_item_description,
    money(0) AS pricing_public_on_demand_cost,
    left(upper(md5(usage_type)), 16) AS product_sku,
    product_name AS product_product_name,
    product_family AS product_product_family,
    product_code AS product_servicecode,
    region AS product_region_code,
    instance_type AS product_instance_type,
    instance_family AS product_instance_family,
    arn AS reservation_reservation_a_r_n,
    subscription_id AS reservation_subscription_id,
    start_time AS reservation_start,
    reserved_instances::VARCHAR AS reservation_number_of_reservations,
    (reserved_instances * 8760)::DECIMAL(18, 10)::VARCHAR AS reservation_total_reserved_units,
    (reserved_instances * 8760 * upfront_per_hour)::DECIMAL(18, 8) AS reservation_upfront_value
  FROM reservations
  WHERE upfront_per_hour > 0 AND start_time >= getvariable('month_start')::TIMESTAMP
)

SELECT * FROM discounted_usage
UNION ALL BY NAME SELECT * FROM monthly_fee
UNION ALL BY NAME SELECT * FROM upfront_fee;
