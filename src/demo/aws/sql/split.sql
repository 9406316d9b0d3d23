-- Split cost allocation: two instances and the pods and tasks that share them.
-- Variables: data, delivered_intervals.

-- A node is billed like other instances. Of its cost two thirds count as vCPU and one as memory; each pod is given the
-- quarters it used and its share of what no pod used, so that the parts add up to the node.
CREATE OR REPLACE TABLE split_lines AS
WITH

nodes AS (
  SELECT
    node.*,
    accounts.id AS account_id,
    accounts.name AS account_name,
    'i-' || hex_id(node.parent || accounts.id) AS instance_id,
    intervals.*,
    hours::DECIMAL(18, 3) AS amount
  FROM (VALUES ('cluster-node', 0.24::DECIMAL(9, 5)), ('container-node', 0.24::DECIMAL(9, 5))) AS node (parent, rate)
  JOIN accounts ON accounts.role = 'production'
  CROSS JOIN intervals
  WHERE intervals.ordinal < getvariable('delivered_intervals')::BIGINT
),

node_usage AS (
  SELECT
    'Usage' AS line_item_line_item_type,
    item_id(account_id || '/' || parent) AS identity_line_item_id,
    time_interval,
    usage_start AS line_item_usage_start_date,
    usage_end AS line_item_usage_end_date,
    account_id AS line_item_usage_account_id,
    account_name AS line_item_usage_account_name,
    'AmazonEC2' AS line_item_product_code,
    'EUC1-BoxUsage:m5.xlarge' AS line_item_usage_type,
    'RunInstances' AS line_item_operation,
    'eu-central-1b' AS line_item_availability_zone,
    instance_id AS line_item_resource_id,
    amount AS line_item_usage_amount,
    rate_text(rate) AS line_item_unblended_rate,
    money(amount * rate) AS line_item_unblended_cost,
    enterprise_discount(money(amount * rate)) AS enterprise_amount,
    money(amount * rate) AS pricing_public_on_demand_cost,
    rate_text(rate) AS pricing_public_on_demand_rate,
    'Hrs' AS pricing_unit,
    'OnDemand' AS pricing_term,
    left(upper(md5('EUC1-BoxUsage:m5.xlarge')), 16) AS product_sku,
    left(upper(md5('EUC1-BoxUsage:m5.xlarge')), 16) || '.JRTCKXETXF.6YS6EN2CT7' AS pricing_rate_code,
    '$0.24 per On Demand Linux m5.xlarge Instance Hour' AS line_item_line_item_description,
    'Amazon Elastic Compute Cloud' AS product_product_name,
    'Compute Instance' AS product_product_family,
    'AmazonEC2' AS product_servicecode,
    'eu-central-1' AS product_region_code,
    'm5.xlarge' AS product_instance_type,
    'General purpose' AS product_instance_family,
    '4' AS product_vcpu,
    '16 GiB' AS product_memory,
    'Linux' AS product_operating_system,
    'Platform' AS tag_cost_center,
    parent AS tag_name
  FROM nodes
),

pods AS (
  SELECT
    pods.* REPLACE (replace(replace(resource, '{account}', accounts.id), '{hex}', hex_id(pod || accounts.id)) AS resource),
    part.kind,
    part.capacity,
    part.quarter_rate,
    CASE part.kind WHEN 'vCPU-Hours' THEN vcpu_quarters ELSE memory_quarters END::BIGINT AS quarters,
    sum(quarters) OVER (PARTITION BY parent, kind)::BIGINT AS used_quarters,
    -- Of the quarters nobody used each pod bears its share; the demo's numbers make that a whole one.
    quarters * (4 - used_quarters) // used_quarters AS unused_quarters
  FROM read_csv(getvariable('data') || '/split-pods.csv', all_varchar = true) AS pods
  CROSS JOIN (
    VALUES ('vCPU-Hours', 4, 0.04::DECIMAL(9, 5)), ('GB-Hours', 16, 0.02::DECIMAL(9, 5))
  ) AS part (kind, capacity, quarter_rate)
  JOIN accounts ON accounts.role = 'production'
),

pod_usage AS (
  SELECT
    'Usage' AS line_item_line_item_type,
    item_id(account_id || '/' || pod || '/' || kind) AS identity_line_item_id,
    time_interval,
    usage_start AS line_item_usage_start_date,
    usage_end AS line_item_usage_end_date,
    account_id AS line_item_usage_account_id,
    account_name AS line_item_usage_account_name,
    product_code AS line_item_product_code,
    usage_prefix || '-' || kind AS line_item_usage_type,
    operation AS line_item_operation,
    resource AS line_item_resource_id,
    (amount * capacity * quarters * 0.25)::DECIMAL(18, 3) AS line_item_usage_amount,
    rate_text(0) AS line_item_unblended_rate,
    money(0) AS line_item_unblended_cost,
    pod || ' on ' || instance_id AS line_item_line_item_description,
    product_name AS product_product_name,
    product_code AS product_servicecode,
    'eu-central-1' AS product_region_code,
    instance_id AS split_line_item_parent_resource_id,
    (amount * capacity * quarters * 0.25)::DECIMAL(18, 3) AS split_line_item_reserved_usage,
    (amount * capacity * quarters * 0.125)::DECIMAL(18, 4) AS split_line_item_actual_usage,
    (amount * capacity * quarters * 0.25)::DECIMAL(18, 3) AS split_line_item_split_usage,
    (quarters * 0.25)::DECIMAL(18, 3) AS split_line_item_split_usage_ratio,
    money(amount * quarter_rate * quarters) AS split_line_item_split_cost,
    money(amount * quarter_rate * unused_quarters) AS split_line_item_unused_cost,
    money(amount * quarter_rate * quarters * 0.95) AS split_line_item_net_split_cost,
    money(amount * quarter_rate * unused_quarters * 0.95) AS split_line_item_net_unused_cost,
    money(amount * quarter_rate * quarters) AS split_line_item_public_on_demand_split_cost,
    money(amount * quarter_rate * unused_quarters) AS split_line_item_public_on_demand_unused_cost
  FROM nodes
  JOIN pods USING (parent)
)

SELECT * FROM node_usage
UNION ALL BY NAME SELECT * FROM pod_usage;
