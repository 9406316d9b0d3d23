-- Who gets what of a committed-use fee. Two models of Google's, told apart by what the rows hold:
-- * the newer one puts the discount on the fee row, as an offset of the usage that it paid for, and prices that
--   usage at the commitment's price. Fee and usage meet in the subscription and the hour.
-- * the older one puts the discount on the usage as a credit, which names no commitment. Fee and usage meet in a
--   pool (account, family of SKUs, region) and the day.
-- In both, the fee of such a slot is given to what it covered; what is left over went unused. Every share is a
-- difference of rounded running totals, so that the shares of a slot add up to the last digit.

CREATE TABLE commitment_lines AS
WITH

lines AS (
  SELECT
    bill.line_id, bill.billing_account_id, bill.subscription_id, bill.consumption_model_id,
    bill.usage_start, bill.region_id, bill.service_name, bill.pricing_unit,
    bill.cost, bill.row_credits, bill.commitment_credits, bill.offset_credits,
    coalesce(bill.pricing_amount / nullif(bill.pricing_unit_quantity, 0), bill.pricing_amount) AS quantity,
    (sku_kinds.fee_kind = 'commitment' OR bill.offset_credits <> 0) AS is_fee,
    CASE
      WHEN sku_kinds.fee_kind = 'commitment' OR bill.offset_credits <> 0
        THEN sku_kinds.commits_to_spend OR bill.offset_credits <> 0
      ELSE bill.commitment_credit_type IS DISTINCT FROM 'COMMITTED_USAGE_DISCOUNT'
    END AS is_spend,
    sku_kinds.is_flexible,
    sku_kinds.machine_family
  FROM bill
  JOIN sku_kinds
    ON sku_kinds.service_name = coalesce(bill.service_name, '')
    AND sku_kinds.sku_description = coalesce(bill.sku_description, '')
  WHERE bill.cost_type = 'regular' AND NOT getvariable('as_billed')
    AND (sku_kinds.fee_kind = 'commitment' OR bill.offset_credits <> 0 OR bill.commitment_credits <> 0 OR bill.consumption_model_id IS NOT NULL)
),

-- Subscriptions of the newer model: those with an offset, or with usage at their price.
newer_subscriptions AS (
  SELECT DISTINCT billing_account_id, coalesce(subscription_id, '') AS subscription_id
  FROM lines
  WHERE offset_credits <> 0 OR (consumption_model_id IS NOT NULL AND commitment_credits = 0 AND NOT is_fee)
),

modelled AS (
  SELECT
    lines.*,
    CASE
      WHEN NOT lines.is_fee THEN CASE WHEN lines.commitment_credits = 0 THEN 'newer' ELSE 'older' END
      WHEN newer_subscriptions.subscription_id IS NULL THEN 'older'
      ELSE 'newer'
    END AS model
  FROM lines
  LEFT JOIN newer_subscriptions
    ON newer_subscriptions.billing_account_id = lines.billing_account_id
    -- As a condition of its own, that it is a plan for spend would make this a nested loop.
    AND newer_subscriptions.subscription_id = CASE WHEN lines.is_spend THEN coalesce(lines.subscription_id, '') END
),

days AS (
  SELECT usage_start, date_trunc('day', usage_start AT TIME ZONE 'America/Los_Angeles') AT TIME ZONE 'America/Los_Angeles' AS day_start
  FROM (SELECT DISTINCT usage_start FROM lines)
),

-- Where usage of the newer model names no subscription, all of an account's are one pool.
accounts AS (
  SELECT
    billing_account_id,
    bool_and(subscription_id IS NOT NULL) AS all_named,
    count(DISTINCT subscription_id) FILTER (is_fee) AS fee_subscriptions,
    max(subscription_id) FILTER (is_fee) AS a_subscription
  FROM modelled
  WHERE model = 'newer'
  GROUP BY billing_account_id
),

pooled AS (
  SELECT
    modelled.*,
    CASE
      WHEN model = 'newer' AND accounts.all_named THEN subscription_id
      WHEN model = 'newer' AND accounts.fee_subscriptions = 1 THEN accounts.a_subscription
      WHEN model = 'newer' THEN 'gcp-pool:' || billing_account_id || ':spend'
      -- Flexible spend covers machines of every region.
      WHEN is_spend AND (is_flexible OR service_name = 'Compute Engine') THEN 'gcp-pool:' || billing_account_id || ':Compute Engine:any'
      WHEN is_spend THEN 'gcp-pool:' || billing_account_id || ':' || coalesce(service_name, '') || ':' || coalesce(region_id, 'any')
      ELSE 'gcp-pool:' || billing_account_id || ':' || machine_family || ':' || coalesce(region_id, 'any')
    END AS own_pool,
    -- Google's days begin at midnight in California.
    CASE WHEN model = 'newer' THEN usage_start ELSE days.day_start END AS slot
  FROM modelled
  LEFT JOIN accounts USING (billing_account_id)
  JOIN days USING (usage_start)
),

-- Fees that meet no usage, and usage that meets no fee, share one pool for the account.
met AS (
  SELECT own_pool, bool_or(is_fee) AND NOT bool_and(is_fee) AS both_sides
  FROM pooled
  GROUP BY own_pool
),
leftovers AS (
  SELECT billing_account_id, is_spend, bool_or(is_fee) AND NOT bool_and(is_fee) AS both_sides
  FROM pooled
  JOIN met USING (own_pool)
  WHERE model = 'older' AND NOT met.both_sides
  GROUP BY billing_account_id, is_spend
)

SELECT
  pooled.* EXCLUDE (own_pool),
  CASE
    WHEN met.both_sides OR model = 'newer' OR NOT leftovers.both_sides THEN own_pool
    ELSE 'gcp-pool:' || pooled.billing_account_id || CASE WHEN pooled.is_spend THEN ':spend:any' ELSE ':resources:any' END
  END AS pool,
  -- What the row gives to the discount, or takes from it, in money and in units.
  CASE WHEN is_fee THEN cost + row_credits + commitment_credits ELSE 0::DECIMAL(38, 18) END AS fee,
  CASE WHEN is_fee THEN -offset_credits ELSE 0::DECIMAL(38, 18) END AS offset_value,
  CASE WHEN is_fee THEN 0::DECIMAL(38, 18) WHEN model = 'newer' THEN cost ELSE -commitment_credits END AS covered_value
FROM pooled
JOIN met USING (own_pool)
LEFT JOIN leftovers
  ON leftovers.billing_account_id = pooled.billing_account_id AND leftovers.is_spend = pooled.is_spend
-- A credit can only cover a charge of the other sign; any other stays on its row as it is.
WHERE is_fee OR model = 'newer' OR (cost > 0 AND commitment_credits < 0) OR (cost < 0 AND commitment_credits > 0);

-- What a slot has to give, and how much of it was used.
CREATE TABLE commitment_slots AS
WITH
summed AS (
  SELECT
    pool, slot, model,
    sum(fee) AS fee,
    sum(offset_value) AS offset_value,
    sum(covered_value) AS covered_value,
    count(*) FILTER (NOT is_fee) AS covered_lines,
    sum(CASE WHEN is_fee THEN quantity END) AS committed_quantity,
    sum(CASE WHEN NOT is_fee THEN quantity * covered_value / cost END) AS covered_quantity,
    bool_and(NOT is_spend) AND count(DISTINCT pricing_unit) = 1 AS same_unit
  FROM commitment_lines
  GROUP BY pool, slot, model
),
judged AS (
  SELECT
    *,
    -- The part of the offset that there is usage for in this bill; a correction has both below zero.
    CASE
      WHEN model = 'newer' AND offset_value > 0 AND covered_value > 0 THEN least(offset_value, covered_value)
      WHEN model = 'newer' AND offset_value < 0 AND covered_value < 0 THEN greatest(offset_value, covered_value)
      ELSE 0
    END AS matched_offset,
    CASE
      WHEN model = 'newer' THEN 'offset'
      WHEN covered_value = 0 OR (covered_value > 0 AND fee < 0) OR (covered_value < 0 AND fee > 0) THEN 'none'
      -- Cores and memory are committed in the unit they are used in; the size of a spend commitment is not in the bill.
      WHEN same_unit AND committed_quantity > 0 AND covered_quantity BETWEEN 0 AND committed_quantity THEN 'quantity'
      ELSE 'ratio'
    END AS basis
  FROM summed
)
SELECT
  *,
  CAST(CASE basis
    WHEN 'offset' THEN matched_offset
    WHEN 'quantity' THEN CAST(ROUND(CAST(fee AS DOUBLE) * covered_quantity / committed_quantity, 9) AS DECIMAL(28, 9))
    WHEN 'ratio' THEN fee
    ELSE 0
  END AS DECIMAL(38, 18)) AS used
FROM judged;

-- One id, kind and unit for each pool: the subscription where only one can be meant.
CREATE TABLE commitments AS
WITH
pools AS (
  SELECT
    pool,
    bool_or(is_spend) AS is_spend,
    bool_or(is_flexible AND is_fee) AS is_flexible,
    CASE WHEN count(DISTINCT subscription_id) FILTER (is_fee) = 1 AND bool_and(subscription_id IS NOT NULL) FILTER (is_fee)
      THEN max(subscription_id) FILTER (is_fee) END AS only_subscription,
    CASE WHEN count(DISTINCT machine_family) = 1 THEN max(machine_family) END AS machine_family,
    max(pricing_unit) AS pricing_unit
  FROM commitment_lines
  GROUP BY pool
),
named AS (
  SELECT
    *,
    -- A subscription that commits to cores and to memory counts in two units, and FOCUS wants one for each id.
    CASE
      WHEN only_subscription IS NULL THEN pool
      WHEN count(*) OVER (PARTITION BY only_subscription) = 1 THEN only_subscription
      ELSE only_subscription || '/' || coalesce(machine_family, pool)
    END AS commitment_id
  FROM pools
)
SELECT
  pool,
  commitment_id,
  is_spend,
  CASE WHEN is_spend THEN 'Spend' ELSE 'Usage' END AS category,
  CASE WHEN NOT is_spend THEN 'Resource-Based CUD' WHEN is_flexible THEN 'Flexible CUD' ELSE 'Spend-Based CUD' END AS commitment_type,
  CASE
    WHEN is_spend THEN NULL
    WHEN machine_family LIKE '% Cpu' THEN 'vCPU-Hours'
    WHEN machine_family LIKE '% Ram' THEN 'GiB-Hours'
    ELSE coalesce(units.focus_unit, pricing_unit, 'Units')
  END AS unit
FROM named
LEFT JOIN units ON units.source_unit = named.pricing_unit;

-- A running total's part of an amount, rounded: the whole when it is the last.
CREATE MACRO running_share(amount, running, total, decimals) AS CASE
  WHEN running = total THEN amount
  WHEN total = 0 THEN 0
  ELSE CAST(CAST(ROUND(CAST(amount AS DOUBLE) * (CAST(running AS DOUBLE) / CAST(total AS DOUBLE)), decimals) AS DECIMAL(28, 9)) AS DECIMAL(38, 18))
END;

-- Each line's part: the fee's value that covered usage takes, what goes unused of a fee, and what an offset takes
-- off without any usage to take it off.
CREATE TABLE coverage AS
WITH
running AS (
  SELECT
    lines.*,
    slots.fee AS slot_fee, slots.covered_value AS slot_covered, slots.used, slots.basis, slots.matched_offset,
    slots.offset_value AS slot_offset,
    sum(lines.covered_value) OVER upto AS covered_running,
    sum(lines.fee) OVER upto AS fee_running,
    sum(lines.offset_value) OVER upto AS offset_running
  FROM commitment_lines AS lines
  JOIN commitment_slots AS slots ON slots.pool = lines.pool AND slots.slot = lines.slot AND slots.model = lines.model
  -- Usage of the newer model without an offset of its hour is only usage at another price.
  WHERE lines.is_fee OR slots.basis <> 'offset' OR slots.matched_offset <> 0
  WINDOW upto AS (PARTITION BY lines.pool, lines.slot, lines.model ORDER BY lines.is_fee, lines.line_id)
),
shared AS (
  SELECT
    *,
    CASE WHEN is_fee THEN 0 WHEN basis = 'offset' AND matched_offset <> slot_covered
      THEN running_share(matched_offset, covered_running, slot_covered, 6)
        - running_share(matched_offset, covered_running - covered_value, slot_covered, 6)
      ELSE covered_value
    END AS covered_part,
    CASE WHEN is_fee THEN 0
      WHEN used = slot_covered THEN covered_value
      ELSE running_share(used, covered_running, slot_covered, 9) - running_share(used, covered_running - covered_value, slot_covered, 9)
    END AS used_part,
    CASE WHEN NOT is_fee THEN 0
      ELSE running_share(slot_fee - used, fee_running, slot_fee, 9) - running_share(slot_fee - used, fee_running - fee, slot_fee, 9)
    END AS unused_part,
    CASE WHEN NOT is_fee OR basis <> 'offset' THEN 0
      ELSE running_share(slot_offset - matched_offset, offset_running, slot_offset, 6)
        - running_share(slot_offset - matched_offset, offset_running - offset_value, slot_offset, 6)
    END AS unmatched_part
  FROM running
)
SELECT
  shared.line_id,
  shared.is_fee,
  shared.pool,
  commitments.commitment_id,
  commitments.category AS commitment_category,
  commitments.commitment_type,
  commitments.unit AS commitment_unit,
  shared.basis,
  CASE
    WHEN shared.basis <> 'offset' THEN NULL
    WHEN slot_offset > matched_offset THEN 'unmatched'
    WHEN matched_offset <> slot_covered THEN 'prorated'
  END AS cud_match,
  CAST(covered_part AS DECIMAL(38, 18)) AS covered_part,
  CAST(used_part AS DECIMAL(38, 18)) AS used_part,
  CAST(unused_part AS DECIMAL(38, 18)) AS unused_part,
  CAST(unmatched_part AS DECIMAL(38, 18)) AS unmatched_part,
  shared.fee,
  shared.quantity
FROM shared
JOIN commitments ON commitments.pool = shared.pool;
