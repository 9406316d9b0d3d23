-- Raw Cost and Usage Report rows → one typed row per source row. Nested values, header spellings and text
-- parsing end here. `raw` holds every column of columns.csv (absent ones as NULL) plus `filename`. No join: the
-- rows keep the order of the files.
--
-- Variables: file_names (path → the name people know a file by), net (the file has net columns), tag_columns / tag_names, category_columns / category_names
-- (columns that carry one tag or cost category each), original_tag_names (map), name_columns (tag "Name").
WITH

-- One name for each fact, wherever this version of the report puts it.
facts AS (
  SELECT
    *,
    map_of(product) AS product_map,
    map_of(resource_tags) AS tag_map,
    map_of(cost_category) AS category_map,
    coalesce(map_of(resource_tags)['user_name'], map_of(resource_tags)['user_Name']) AS name_in_map
  FROM raw
)

SELECT
  getvariable('file_names')[filename] AS source_file,
  row_number() OVER () AS row_number,
  text_of(identity_line_item_id) AS line_item_id,
  text_of(line_item_line_item_type) AS line_item_type,

  -- bill
  text_of(bill_bill_type) AS bill_type,
  text_of(bill_billing_entity) AS billing_entity,
  text_of(bill_invoicing_entity) AS invoicing_entity,
  text_of(bill_invoice_id) AS invoice_id,
  account_of(bill_payer_account_id) AS payer_account_id,
  text_of(bill_payer_account_name) AS payer_account_name,
  time_of(bill_billing_period_start_date) AS billing_period_start,
  -- AWS bills calendar months, so a bill without the end still has one.
  coalesce(
    exclusive_end(time_of(bill_billing_period_end_date)),
    time_of(bill_billing_period_start_date) + INTERVAL 1 MONTH
  ) AS billing_period_end,

  -- line item
  account_of(line_item_usage_account_id) AS usage_account_id,
  text_of(line_item_usage_account_name) AS usage_account_name,
  time_of(line_item_usage_start_date) AS usage_start,
  exclusive_end(time_of(line_item_usage_end_date)) AS usage_end,
  text_of(line_item_product_code) AS product_code,
  text_of(line_item_usage_type) AS usage_type,
  text_of(line_item_operation) AS operation,
  text_of(line_item_availability_zone) AS availability_zone,
  text_of(line_item_resource_id) AS resource_id,
  -- What tells a resource's type: service and kind of an ARN, or the prefix of an id such as `vol-0123456789`.
  CASE
    WHEN line_item_resource_id LIKE 'arn:%'
      THEN split_part(line_item_resource_id, ':', 3) || ':' || split_part(split_part(line_item_resource_id, ':', 6), '/', 1)
    ELSE nullif(regexp_extract(line_item_resource_id, '^(.*-)[0-9a-f]{8,17}$', 1), '')
  END AS resource_key,
  CASE WHEN line_item_resource_id LIKE 'arn:%' THEN split_part(line_item_resource_id, ':', 3) || ':*' END AS resource_service_key,
  text_of(line_item_legal_entity) AS legal_entity,
  text_of(trim(line_item_line_item_description)) AS description,
  text_of(line_item_tax_type) AS tax_type,
  text_of(line_item_currency_code) AS currency,
  amount_of(line_item_usage_amount) AS usage_amount,
  amount_of(line_item_normalized_usage_amount) AS normalized_usage_amount,
  amount_of(line_item_unblended_rate) AS unblended_rate,
  amount_of(line_item_unblended_cost) AS unblended_cost,

  -- Net columns appear when the account has private pricing. They are used for the whole file or not at all;
  -- a row on which AWS left the net amount blank had nothing taken off, and a discount row is itself what was.
  CASE
    WHEN getvariable('net') THEN coalesce(
      amount_of(line_item_net_unblended_cost),
      CASE WHEN line_item_line_item_type LIKE '%Discount' THEN 0 ELSE amount_of(line_item_unblended_cost) END
    )
    ELSE amount_of(line_item_unblended_cost)
  END AS cost,
  -- What a unit of usage cost. Worked out here, where the amounts are doubles or a text away from it.
  quotient(
    CASE WHEN getvariable('net') THEN double_of(line_item_net_unblended_cost) ELSE double_of(line_item_unblended_cost) END,
    double_of(line_item_usage_amount)
  ) AS cost_per_unit,
  (
    loses_digits(line_item_unblended_cost) OR loses_digits(line_item_net_unblended_cost)
    OR loses_digits(reservation_effective_cost) OR loses_digits(savings_plan_savings_plan_effective_cost)
  ) AS cost_rounded,

  -- product
  coalesce(text_of(product_product_name), text_of(product_map['product_name'])) AS product_name,
  coalesce(text_of(product_servicecode), text_of(product_map['servicecode'])) AS service_code,
  coalesce(text_of(product_product_family), text_of(product_map['product_family'])) AS product_family,
  coalesce(text_of(product_sku), text_of(product_map['sku'])) AS sku,
  coalesce(text_of(product_region_code), text_of(product_region), text_of(product_map['region'])) AS region_code,
  text_of(savings_plan_region) AS savings_plan_region,

  -- What the price depends on, as a JSON object with FOCUS's own keys.
  nullif('{' || concat_ws(
    ',',
    '"CoreCount":' || nullif(regexp_extract(coalesce(product_vcpu::VARCHAR, product_map['vcpu']), '^\d+$'), ''),
    '"InstanceSeries":' || to_json(coalesce(text_of(product_instance_family), text_of(product_map['instance_family']))),
    '"InstanceType":' || to_json(coalesce(text_of(product_instance_type), text_of(product_map['instance_type']))),
    '"MemorySize":' || nullif(replace(regexp_extract(coalesce(product_memory::VARCHAR, product_map['memory']), '^([\d,.]+) GiB$', 1), ',', ''), ''),
    '"OperatingSystem":' || to_json(nullif(coalesce(text_of(product_operating_system), text_of(product_map['operating_system'])), 'NA')),
    '"DiskType":' || to_json(coalesce(text_of(product_volume_api_name), text_of(product_map['volume_api_name'])))
  ) || '}', '{}') AS price_details,

  -- pricing
  text_of(pricing_currency) AS pricing_currency,
  amount_of(pricing_public_on_demand_cost) AS public_cost,
  quotient(double_of(pricing_public_on_demand_cost), double_of(line_item_usage_amount)) AS public_cost_per_unit,
  amount_of(pricing_public_on_demand_rate) AS public_rate,
  text_of(pricing_rate_code) AS rate_code,
  text_of(pricing_rate_id) AS rate_id,
  text_of(pricing_term) AS pricing_term,
  text_of(pricing_unit) AS pricing_unit,

  -- reserved instance
  text_of(reservation_reservation_a_r_n) AS reservation_arn,
  CASE WHEN getvariable('net') THEN amount_of(reservation_net_effective_cost) ELSE amount_of(reservation_effective_cost) END AS reservation_effective_cost,
  CASE WHEN getvariable('net') THEN amount_of(reservation_net_amortized_upfront_fee_for_billing_period) ELSE amount_of(reservation_amortized_upfront_fee_for_billing_period) END AS reservation_amortized_upfront_fee,
  CASE WHEN getvariable('net') THEN amount_of(reservation_net_unused_amortized_upfront_fee_for_billing_period) ELSE amount_of(reservation_unused_amortized_upfront_fee_for_billing_period) END AS reservation_unused_amortized_upfront_fee,
  CASE WHEN getvariable('net') THEN amount_of(reservation_net_unused_recurring_fee) ELSE amount_of(reservation_unused_recurring_fee) END AS reservation_unused_recurring_fee,
  amount_of(reservation_total_reserved_units) AS reservation_total_units,
  amount_of(reservation_total_reserved_normalized_units) AS reservation_total_normalized_units,
  amount_of(reservation_unused_quantity) AS reservation_unused_units,
  amount_of(reservation_unused_normalized_unit_quantity) AS reservation_unused_normalized_units,

  -- savings plan
  text_of(savings_plan_savings_plan_a_r_n) AS savings_plan_arn,
  CASE WHEN getvariable('net') THEN amount_of(savings_plan_net_savings_plan_effective_cost) ELSE amount_of(savings_plan_savings_plan_effective_cost) END AS savings_plan_effective_cost,
  -- The commitment itself is counted before any private discount, in net files too.
  amount_of(savings_plan_savings_plan_effective_cost) AS savings_plan_used,
  amount_of(savings_plan_total_commitment_to_date) AS savings_plan_total_commitment,
  amount_of(savings_plan_used_commitment) AS savings_plan_used_commitment,
  CASE WHEN getvariable('net') THEN amount_of(savings_plan_net_amortized_upfront_commitment_for_billing_period) ELSE amount_of(savings_plan_amortized_upfront_commitment_for_billing_period) END AS savings_plan_amortized_upfront,
  CASE WHEN getvariable('net') THEN amount_of(savings_plan_net_recurring_commitment_for_billing_period) ELSE amount_of(savings_plan_recurring_commitment_for_billing_period) END AS savings_plan_recurring,
  -- AWS states no net amount for what a net commitment left unused: it is that share of the commitment's net cost.
  CASE WHEN getvariable('net') AND line_item_line_item_type = 'SavingsPlanRecurringFee' AND amount_of(savings_plan_total_commitment_to_date) <> 0
    THEN share_of(
      coalesce(amount_of(savings_plan_net_amortized_upfront_commitment_for_billing_period), 0)
        + coalesce(amount_of(savings_plan_net_recurring_commitment_for_billing_period), 0),
      amount_of(savings_plan_total_commitment_to_date) - amount_of(savings_plan_used_commitment),
      amount_of(savings_plan_total_commitment_to_date)
    )
  END AS savings_plan_net_unused,

  -- capacity reservation: legacy reports name it only as the resource of the charge
  coalesce(
    text_of(capacity_reservation_capacity_reservation_arn),
    CASE WHEN line_item_resource_id LIKE '%:capacity-reservation/cr-%' THEN line_item_resource_id END
  ) AS capacity_reservation_id,
  text_of(capacity_reservation_capacity_reservation_status) AS capacity_reservation_status,

  -- tags and cost categories: one column each in legacy reports, a map in CUR 2.0
  coalesce(
    object_of_map(tag_map, getvariable('original_tag_names')),
    object_of_columns(getvariable('tag_names'), [*COLUMNS(c -> list_contains(getvariable('tag_columns'), c))])
  ) AS tags,
  coalesce(
    object_of_map(category_map, MAP {}::MAP(VARCHAR, VARCHAR)),
    object_of_columns(getvariable('category_names'), [*COLUMNS(c -> list_contains(getvariable('category_columns'), c))])
  ) AS cost_categories,
  text_of(coalesce(name_in_map, *COLUMNS(c -> list_contains(getvariable('name_columns'), c)))) AS name_tag
FROM facts;
