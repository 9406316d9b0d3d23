-- Savings Plans: for every plan and interval the fee, what it covered, the negation that takes the covered
-- on-demand cost back off, and on-demand rows for what went beyond the coverage.
-- Rates have at most five decimals and usage three, so that effective costs and their net are exact in ten.
-- Variables: anchor (start of the first month written), month_start, month_end, delivered_intervals, data.

CREATE OR REPLACE TABLE savings_plans AS
SELECT
  row_number() OVER () AS number,
  plans.plan,
  plans.type,
  plans.payment_option,
  plans.region,
  plans.instance_family,
  plans.upfront_per_hour::DECIMAL(9, 5) AS upfront_per_hour,
  plans.recurring_per_hour::DECIMAL(9, 5) AS recurring_per_hour,
  accounts.id AS buyer_id,
  accounts.name AS buyer_name,
  getvariable('anchor')::TIMESTAMP + to_months(bought_months_after::INTEGER) + to_days(bought_day::INTEGER - 1) AS start_time,
  'arn:aws:savingsplans::' || accounts.id || ':savingsplan/' || uuid_of(getvariable('organisation') || plans.plan) AS arn
FROM read_csv(getvariable('data') || '/savings-plans.csv', all_varchar = true) AS plans
JOIN accounts ON accounts.role = plans.buyer
ORDER BY number;

CREATE OR REPLACE TABLE savings_plan_usage AS
SELECT
  row_number() OVER () AS number,
  usage.* REPLACE (
    on_demand_rate::DECIMAL(9, 5) AS on_demand_rate,
    savings_plan_rate::DECIMAL(9, 5) AS savings_plan_rate,
    instances::BIGINT AS instances,
    least_permille::BIGINT AS least_permille
  ),
  accounts.id AS account_id,
  accounts.name AS account_name
FROM read_csv(getvariable('data') || '/savings-plan-usage.csv', all_varchar = true) AS usage
JOIN accounts USING (role)
ORDER BY number;

CREATE OR REPLACE TABLE savings_plan_lines AS
WITH

-- One row per plan and delivered interval of its term.
plan_intervals AS (
  SELECT
    plans.*,
    intervals.ordinal AS interval_ordinal,
    intervals.hours,
    intervals.usage_start,
    intervals.usage_end,
    intervals.time_interval
  FROM savings_plans AS plans
  JOIN intervals ON intervals.usage_start >= plans.start_time
  WHERE intervals.ordinal < getvariable('delivered_intervals')::BIGINT
),

-- How much of each kind of usage was covered; about one interval in four is covered to the full.
demand AS (
  SELECT
    plan_intervals.* EXCLUDE (number, plan, region, instance_family),
    usage.*,
    monthly_noise(interval_ordinal, 100 + usage.number) AS luck,
    least(1000, least_permille + luck % (1300 - least_permille)) AS permille,
    (hours * instances * permille * 0.001)::DECIMAL(18, 3) AS covered_amount,
    (hours * instances * (1000 - permille) * 0.001)::DECIMAL(18, 3) AS uncovered_amount
  FROM plan_intervals
  JOIN savings_plan_usage AS usage USING (plan)
),

covered AS (
  SELECT
    *,
    money(covered_amount * on_demand_rate) AS on_demand_cost,
    money(covered_amount * savings_plan_rate) AS effective_cost
  FROM demand
),

usage_facts AS (
  SELECT
    plan,
    slot,
    interval_ordinal,
    usage_start AS line_item_usage_start_date,
    usage_end AS line_item_usage_end_date,
    time_interval,
    account_id AS line_item_usage_account_id,
    account_name AS line_item_usage_account_name,
    product_code AS line_item_product_code,
    usage_type AS line_item_usage_type,
    operation AS line_item_operation,
    CASE product_code
      WHEN 'AmazonEC2' THEN 'i-' || hex_id(plan || slot || account_id)
      WHEN 'AmazonECS' THEN 'arn:aws:ecs:' || region || ':' || account_id || ':task/batch/' || hex_id(plan || slot)
      ELSE 'arn:aws:lambda:' || region || ':' || account_id || ':function:resize'
    END AS line_item_resource_id,
    product_name AS product_product_name,
    product_family AS product_product_family,
    product_code AS product_servicecode,
    left(upper(md5(usage_type)), 16) AS product_sku,
    region AS product_region_code,
    instance_type AS product_instance_type,
    instance_family AS product_instance_family,
    vcpu AS product_vcpu,
    memory AS product_memory,
    unit AS pricing_unit,
    left(upper(md5(usage_type)), 16) || '.JRTCKXETXF.6YS6EN2CT7' AS pricing_rate_code,
    rate_text(on_demand_rate) AS line_item_unblended_rate,
    rate_text(on_demand_rate) AS pricing_public_on_demand_rate,
    description AS line_item_line_item_description,
    CASE WHEN slot = '1' THEN 'Platform' ELSE 'platform ' END AS tag_cost_center,
    'Platform' AS category_team,
    arn,
    covered_amount,
    uncovered_amount,
    on_demand_cost,
    effective_cost,
    on_demand_rate,
    savings_plan_rate,
    permille,
    type,
    payment_option,
    start_time
  FROM covered
),

covered_usage AS (
  SELECT
    * EXCLUDE (plan, slot, interval_ordinal, arn, covered_amount, uncovered_amount, on_demand_cost, effective_cost,
      on_demand_rate, savings_plan_rate, permille, type, payment_option, start_time),
    'SavingsPlanCoveredUsage' AS line_item_line_item_type,
    item_id(plan || '/' || slot || '/covered') AS identity_line_item_id,
    covered_amount AS line_item_usage_amount,
    on_demand_cost AS line_item_unblended_cost,
    on_demand_cost AS pricing_public_on_demand_cost,
    enterprise_discount(on_demand_cost) AS enterprise_amount,
    'OnDemand' AS pricing_term,
    arn AS savings_plan_savings_plan_a_r_n,
    savings_plan_rate AS savings_plan_savings_plan_rate,
    effective_cost AS savings_plan_savings_plan_effective_cost,
    money(effective_cost * 0.95) AS savings_plan_net_savings_plan_effective_cost,
    type AS savings_plan_offering_type,
    payment_option AS savings_plan_payment_option,
    '1yr' AS savings_plan_purchase_term,
    start_time AS plan_start
  FROM usage_facts
),

negation AS (
  SELECT
    line_item_usage_start_date,
    line_item_usage_end_date,
    time_interval,
    line_item_usage_account_id,
    line_item_usage_account_name,
    line_item_product_code,
    product_product_name,
    product_servicecode,
    line_item_usage_type,
    line_item_operation,
    product_region_code,
    'SavingsPlanNegation' AS line_item_line_item_type,
    item_id(plan || '/' || slot || '/negation') AS identity_line_item_id,
    'SavingsPlanNegation used by AccountId : ' || line_item_usage_account_id || ' and UsageSku : ' || product_sku AS line_item_line_item_description,
    covered_amount AS line_item_usage_amount,
    -on_demand_cost AS line_item_unblended_cost,
    rate_text(-on_demand_rate) AS line_item_unblended_rate,
    -enterprise_discount(on_demand_cost) AS enterprise_amount,
    arn AS savings_plan_savings_plan_a_r_n,
    type AS savings_plan_offering_type
  FROM usage_facts
),

-- The hours above the coverage are ordinary usage of the same resource. Two stops in three were real stops.
overage AS (
  SELECT
    * EXCLUDE (plan, slot, interval_ordinal, arn, covered_amount, uncovered_amount, on_demand_cost, effective_cost,
      on_demand_rate, savings_plan_rate, permille, type, payment_option, start_time),
    'Usage' AS line_item_line_item_type,
    item_id(plan || '/' || slot || '/on-demand') AS identity_line_item_id,
    uncovered_amount AS line_item_usage_amount,
    money(uncovered_amount * on_demand_rate) AS line_item_unblended_cost,
    money(uncovered_amount * on_demand_rate) AS pricing_public_on_demand_cost,
    enterprise_discount(money(uncovered_amount * on_demand_rate)) AS enterprise_amount,
    'OnDemand' AS pricing_term
  FROM usage_facts
  WHERE uncovered_amount > 0 AND monthly_noise(interval_ordinal, 150) % 3 = 0
),

used AS (
  SELECT plan, interval_ordinal, sum(effective_cost) AS used_commitment
  FROM covered
  GROUP BY plan, interval_ordinal
),

recurring_fee AS (
  SELECT
    usage_start AS line_item_usage_start_date,
    usage_end AS line_item_usage_end_date,
    time_interval,
    buyer_id AS line_item_usage_account_id,
    buyer_name AS line_item_usage_account_name,
    'ComputeSavingsPlans' AS line_item_product_code,
    'Savings Plans for AWS Compute usage' AS product_product_name,
    'ComputeSavingsPlans' AS product_servicecode,
    CASE type WHEN 'ComputeSavingsPlans' THEN 'ComputeSP:1yr' ELSE 'EC2SP:r5.1yr' END || replace(payment_option, ' ',
      '') AS line_item_usage_type,
    'SavingsPlanRecurringFee' AS line_item_line_item_type,
    item_id(plan || '/fee') AS identity_line_item_id,
    '1 year ' || payment_option || ' ' || type || ' commitment, recurring fee' AS line_item_line_item_description,
    hours::DECIMAL(18, 3) AS line_item_usage_amount,
    rate_text(recurring_per_hour) AS line_item_unblended_rate,
    money(hours * recurring_per_hour) AS line_item_unblended_cost,
    enterprise_discount(money(hours * recurring_per_hour)) AS enterprise_amount,
    money(0) AS pricing_public_on_demand_cost,
    arn AS savings_plan_savings_plan_a_r_n,
    money(hours * (upfront_per_hour + recurring_per_hour)) AS savings_plan_total_commitment_to_date,
    money(coalesce(used_commitment, 0)) AS savings_plan_used_commitment,
    money(hours * upfront_per_hour) AS savings_plan_amortized_upfront_commitment_for_billing_period,
    money(hours * recurring_per_hour) AS savings_plan_recurring_commitment_for_billing_period,
    money(hours * upfront_per_hour * 0.95) AS savings_plan_net_amortized_upfront_commitment_for_billing_period,
    money(hours * recurring_per_hour * 0.95) AS savings_plan_net_recurring_commitment_for_billing_period,
    region AS savings_plan_region,
    nullif(region, 'Any') AS product_region_code,
    instance_family AS savings_plan_instance_type_family,
    type AS savings_plan_offering_type,
    payment_option AS savings_plan_payment_option,
    '1yr' AS savings_plan_purchase_term,
    start_time AS plan_start
  FROM plan_intervals
  LEFT JOIN used USING (plan, interval_ordinal)
),

-- A year of the upfront share, billed when the plan is bought.
upfront_fee AS (
  SELECT
    start_time AS line_item_usage_start_date,
    start_time + to_hours(8760) AS line_item_usage_end_date,
    interval_text(start_time, start_time + to_hours(8760)) AS time_interval,
    buyer_id AS line_item_usage_account_id,
    buyer_name AS line_item_usage_account_name,
    'ComputeSavingsPlans' AS line_item_product_code,
    'Savings Plans for AWS Compute usage' AS product_product_name,
    'ComputeSavingsPlans' AS product_servicecode,
    CASE type WHEN 'ComputeSavingsPlans' THEN 'ComputeSP:1yr' ELSE 'EC2SP:r5.1yr' END || replace(payment_option, ' ',
      '') AS line_item_usage_type,
    'SavingsPlanUpfrontFee' AS line_item_line_item_type,
    item_id(plan || '/upfront') AS identity_line_item_id,
    '1 year ' || payment_option || ' ' || type || ' commitment, upfront fee' AS line_item_line_item_description,
    1::DECIMAL(18, 3) AS line_item_usage_amount,
    rate_text(8760 * upfront_per_hour) AS line_item_unblended_rate,
    money(8760 * upfront_per_hour) AS line_item_unblended_cost,
    enterprise_discount(money(8760 * upfront_per_hour)) AS enterprise_amount,
    money(0) AS pricing_public_on_demand_cost,
    arn AS savings_plan_savings_plan_a_r_n,
    region AS savings_plan_region,
    nullif(region, 'Any') AS product_region_code,
    type AS savings_plan_offering_type,
    payment_option AS savings_plan_payment_option,
    '1yr' AS savings_plan_purchase_term,
    start_time AS plan_start
  FROM savings_plans
  WHERE upfront_per_hour > 0
    AND start_time >= getvariable('month_start')::TIMESTAMP
    AND start_time < getvariable('month_end')::TIMESTAMP
)

SELECT * FROM covered_usage
UNION ALL BY NAME SELECT * FROM negation
UNION ALL BY NAME SELECT * FROM overage
UNION ALL BY NAME SELECT * FROM recurring_fee
UNION ALL BY NAME SELECT * FROM upfront_fee;
