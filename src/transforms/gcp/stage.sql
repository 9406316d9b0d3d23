-- Rows of Google's standard or detailed billing export → one typed row per source row. Nested values and text
-- parsing end here, but for the credits that become rows of their own (`own_credits`, opened in lookups.sql).
-- `raw` holds every column of columns.csv, absent ones as NULL. No join: the rows keep the order of the file.
--
-- Variables: source_file (the name people know the file by), file_number, invoice_month (202511; rows of other
-- months belong to other units), credit_placements (type|name → placement).
WITH

numbered AS (
  SELECT
    *,
    row_number() OVER () AS row_number,
    -- The same row loaded twice is the same to the last field, export_time included.
    hash(raw) AS row_digest
  FROM raw
),

-- What is parsed in several tries is taken out of its struct first: DuckDB would take it out for each try.
placed AS (
  SELECT
    *,
    usage.amount AS amount_used,
    usage.amount_in_pricing_units AS amount_priced,
    price.pricing_unit_quantity AS price_block,
    price.effective_price AS price_effective,
    price.effective_price_default AS price_default,
    price.list_price AS price_listed,
    price.tier_start_amount AS price_tier_start,
    resource.global_name::VARCHAR AS global_name,
    micros_of_each(list_transform(credits, c -> c.amount)) AS credit_amounts,
    list_transform(
      credits,
      (c, i) -> {
        'type': text_of(c.type), 'id': text_of(c.id), 'name': text_of(c.name), 'full_name': text_of(c.full_name),
        'amount': credit_amounts[i], 'placement': placement_of(text_of(c.type), text_of(c.name))
      }
    ) AS placed_credits,
    list_concat(
      pairs_of(system_labels, ''),
      list_concat(pairs_of(project.labels, 'project/'), list_concat(namespaced_pairs_of(tags), pairs_of(labels, '')))
    ) AS tag_pairs
  FROM numbered
  WHERE text_of(invoice.month) = getvariable('invoice_month')
    OR NOT coalesce(regexp_full_match(text_of(invoice.month), '\d{4}(0[1-9]|1[0-2])'), FALSE)
),

labelled AS (
  SELECT *, has_twins(tag_pairs) AS repeats_tag_key
  FROM placed
)

SELECT
  getvariable('source_file') AS source_file,
  row_number,
  getvariable('file_number')::BIGINT * 10000000000 + row_number AS line_id,
  row_digest,

  -- invoice
  text_of(billing_account_id) AS billing_account_id,
  text_of(invoice.month) AS invoice_month,
  text_of(invoice.publisher_type) AS publisher_type,
  text_of(cost_type) AS cost_type,
  text_of(currency) AS currency,
  amount_of(currency_conversion_rate) AS conversion_rate,
  time_of(export_time) AS export_time,

  -- what was used, when, and by whom
  text_of(service.id) AS service_id,
  text_of(service.description) AS service_name,
  text_of(sku.id) AS sku_id,
  text_of(sku.description) AS sku_description,
  time_of(usage_start_time) AS usage_start,
  time_of(usage_end_time) AS usage_end,
  text_of(project.id) AS project_id,
  text_of(project.name) AS project_name,
  text_of(location.region) AS region_id,
  coalesce(text_of(location.zone), nullif(regexp_extract(global_name, '/zones/([^/]+)/', 1), '')) AS availability_zone,
  coalesce(nullif(global_name, ''), text_of(resource.name)) AS resource_id,
  text_of(resource.name) AS resource_name,
  -- What tells a resource's type: `compute.googleapis.com/instances` of its full name.
  nullif(regexp_replace(global_name, '^//([^/]+)/(?:.*/)?([^/]+)/[^/]*$', '\1/\2'), '') AS resource_key,
  text_of(transaction_type) AS transaction_type,
  text_of(seller_name) AS seller_name,
  text_of(adjustment_info.type) AS adjustment_type,
  text_of(adjustment_info.description) AS adjustment_description,

  -- commitments
  text_of(subscription.instance_id) AS subscription_id,
  CASE WHEN lower(coalesce(consumption_model.description::VARCHAR, '')) <> 'default' AND lower(consumption_model.id::VARCHAR) <> 'default'
    THEN text_of(consumption_model.id) END AS consumption_model_id,

  -- quantities and prices
  amount_of(amount_used) AS usage_amount,
  text_of(usage.unit) AS usage_unit,
  amount_of(amount_priced) AS pricing_amount,
  text_of(usage.pricing_unit) AS pricing_unit,
  amount_of(price_block) AS pricing_unit_quantity,
  plain_decimal(amount_of(price_block)) AS pricing_block,
  amount_of(price_effective) AS effective_price,
  amount_of(price_default) AS effective_price_default,
  amount_of(price_listed) AS list_price,
  coalesce(plain_decimal(amount_of(price_tier_start)), '0') AS tier_start,
  -- Asked while amounts are as they came: a wide decimal becomes a double only by way of its text.
  explains(
    double_of(price_listed), coalesce(double_of(price_block), 1), double_of(amount_priced),
    coalesce(double_of(cost_at_list), double_of(cost_at_effective_price_default), double_of(cost))
  ) AS list_price_explains,
  explains(
    coalesce(double_of(price_default), double_of(price_effective)), coalesce(double_of(price_block), 1), double_of(amount_priced),
    coalesce(double_of(cost_at_effective_price_default), double_of(cost))
  ) AS contracted_price_explains,

  -- money
  micros_of(cost) AS cost,
  micros_of(cost_at_list) AS cost_at_list,
  micros_of(cost_at_effective_price_default) AS cost_at_default,
  coalesce(list_sum(list_transform(placed_credits, c -> c.amount)), 0)::DECIMAL(38, 18) AS all_credits,
  credit_sum(placed_credits, 'row') AS row_credits,
  credit_sum(placed_credits, 'commitment') AS commitment_credits,
  credit_sum(placed_credits, 'fee offset') AS offset_credits,
  -- A credit of nothing, as some tools write on every row, says nothing.
  list_filter(placed_credits, c -> c.placement IN ('own row', 'unknown') AND c.amount <> 0) AS own_credits,
  len(list_filter(placed_credits, c -> c.amount IS NULL)) > 0 AS credit_without_amount,
  -- The kind of commitment that a credit comes from; a row has credits of one kind.
  list_filter(placed_credits, c -> c.placement = 'commitment')[1].type AS commitment_credit_type,

  -- labels and tags
  object_of_pairs(tag_pairs, repeats_tag_key) AS tags,
  repeats_tag_key,
  nullif('{' || concat_ws(
    ',',
    '"CoreCount":' || nullif(regexp_extract(label_of(system_labels, 'compute.googleapis.com/cores'), '^\d+$'), ''),
    '"InstanceType":' || to_json(text_of(label_of(system_labels, 'compute.googleapis.com/machine_spec'))),
    '"MemorySize":' || plain_decimal(regexp_extract(label_of(system_labels, 'compute.googleapis.com/memory'), '^(\d+)$', 1)::DECIMAL(18, 0) / 1024)
  ) || '}', '{}') AS price_details,
  'projects/' || label_of(system_labels, 'compute.googleapis.com/reservation_project_id')
    || '/reservations/' || label_of(system_labels, 'compute.googleapis.com/reservation_name') AS capacity_reservation_id,
  label_of(system_labels, 'compute.googleapis.com/is_unused_reservation') = 'true' AS capacity_is_unused,

  -- What has no FOCUS column, as the fields of a JSON object.
  concat_ws(
    ',',
    '"x_InvoiceMonth":' || to_json(text_of(invoice.month)),
    '"x_ExportTime":' || to_json(strftime(make_timestamp(epoch_us(time_of(export_time))), '%Y-%m-%dT%H:%M:%S.%fZ')),
    '"x_Location":' || to_json(text_of(location.location)),
    '"x_ProjectNumber":' || to_json(text_of(project.number)),
    '"x_AncestryNumbers":' || to_json(text_of(project.ancestry_numbers)),
    '"x_TransactionType":' || to_json(text_of(transaction_type)),
    '"x_ConsumptionModelId":' || to_json(text_of(consumption_model.id)),
    '"x_ConsumptionModel":' || to_json(text_of(consumption_model.description)),
    '"x_SubscriptionId":' || to_json(text_of(subscription.instance_id)),
    '"x_AdjustmentInfo":' || CASE WHEN text_of(adjustment_info.type) IS NOT NULL OR text_of(adjustment_info.id) IS NOT NULL THEN to_json(adjustment_info)::VARCHAR END,
    '"x_TagsInherited":' || nullif(to_json(keys_of(namespaced_pairs_of(list_filter(tags, t -> t.inherited::BOOLEAN))))::VARCHAR, '[]'),
    '"x_Credits":' || CASE WHEN len(list_filter(placed_credits, c -> c.amount <> 0)) > 0 THEN to_json(credits_as_text(credits, placed_credits))::VARCHAR END
  ) AS issuer_fields
FROM labelled;
