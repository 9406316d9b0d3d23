-- What `focus.sql` reads and joins to, worked out once per bill from what it really holds.

-- What the configuration and the month decide for every row. A month begins at midnight in California.
CREATE TABLE settings AS
SELECT
  CAST(getvariable('billing_account_name') AS VARCHAR) AS billing_account_name,
  coalesce(CAST(getvariable('invoice_issuer') AS VARCHAR), 'Google Cloud') AS invoice_issuer,
  getvariable('as_billed') AS as_billed,
  getvariable('period_start')::TIMESTAMP AT TIME ZONE 'America/Los_Angeles' AS billing_period_start,
  getvariable('period_end')::TIMESTAMP AT TIME ZONE 'America/Los_Angeles' AS billing_period_end;

-- What a SKU is, by its description: a fee, what it commits to, spot capacity.
CREATE TABLE sku_kinds AS
WITH
seen AS (
  SELECT DISTINCT coalesce(service_name, '') AS service_name, coalesce(sku_description, '') AS sku_description
  FROM staged
),
matched AS (
  SELECT seen.service_name, seen.sku_description, arg_min(fee_skus.fee_kind, CAST(fee_skus.priority AS INTEGER)) AS fee_kind
  FROM seen
  JOIN fee_skus
    ON lower(seen.service_name) LIKE fee_skus.service_pattern AND lower(seen.sku_description) LIKE fee_skus.sku_pattern
  GROUP BY ALL
)
SELECT
  seen.service_name,
  seen.sku_description,
  coalesce(matched.fee_kind, 'usage') AS fee_kind,
  regexp_matches(lower(seen.sku_description), '\b(spot|preemptible)\b') AS is_spot,
  -- `Commitment - dollar based v1: GCE for 1 year` commits to spend; `Commitment v1: N2 Cpu in …` to cores.
  regexp_matches(lower(seen.sku_description), 'dollar|spend|flexible') AS commits_to_spend,
  regexp_matches(lower(seen.sku_description), 'flexible|\bgce\b|compute engine') AS is_flexible,
  -- `N2 Cpu` of `Commitment v1: N2 Cpu in Frankfurt for 1 Year` and of `N2 Instance Core running in Frankfurt`;
  -- the first machine series has no name in either.
  coalesce(nullif(regexp_extract(seen.sku_description, '^(?:Commitment v\d+: )?(?:Spot Preemptible )?([A-Z]\d+[A-Z]?)\b', 1), ''), 'N1')
    || CASE
      WHEN regexp_matches(lower(seen.sku_description), '\b(cpu|core|vcpu)\b') THEN ' Cpu'
      WHEN regexp_matches(lower(seen.sku_description), '\b(ram|memory)\b') THEN ' Ram'
      WHEN regexp_matches(lower(seen.sku_description), '\blocal ssd\b') THEN ' Local SSD'
      WHEN regexp_matches(lower(seen.sku_description), '\bgpu\b') THEN ' GPU'
      ELSE ''
    END AS machine_family
FROM seen
LEFT JOIN matched USING (service_name, sku_description);

-- One row for each charge: source rows, and each credit that is a row of its own.
CREATE VIEW charges AS
SELECT
  bill.* EXCLUDE (own_credits),
  CAST(NULL AS VARCHAR) AS credit_type,
  CAST(NULL AS VARCHAR) AS credit_id,
  CAST(NULL AS VARCHAR) AS credit_name
FROM bill
UNION ALL BY NAME
SELECT
  source_file, row_number, line_id, billing_account_id, currency, conversion_rate,
  cost_type, service_id, service_name, usage_start, usage_end, project_id, project_name, region_id,
  transaction_type, seller_name, tags,
  concat_ws(
    ',',
    nullif(issuer_fields, ''),
    '"x_CreditType":' || to_json(credit.type),
    '"x_CreditId":' || to_json(credit.id),
    '"x_CreditName":' || to_json(credit.name)
  ) AS issuer_fields,
  'credit' AS charge_kind,
  credit.type AS credit_type,
  credit.id AS credit_id,
  credit.name AS credit_name,
  coalesce(credit.full_name, credit.name, credit.type) AS sku_description,
  credit.amount AS cost,
  0::DECIMAL(38, 18) AS row_credits, 0::DECIMAL(38, 18) AS commitment_credits, 0::DECIMAL(38, 18) AS offset_credits
FROM (
  SELECT * EXCLUDE (own_credits), unnest(own_credits) AS credit
  FROM bill
  WHERE len(own_credits) > 0
);
