-- What a month's allocation leaves in the session. Amounts are DECIMAL(38, 18) of the billing currency.

-- Every charge and where a rule, or none, has placed it whole: with a target or in a pool.
CREATE TABLE placed (
  source VARCHAR,
  origin_row BIGINT,
  origin_version INTEGER,
  currency VARCHAR,
  charged_at TIMESTAMP,
  rule VARCHAR,
  target VARCHAR,
  pool VARCHAR,
  reason VARCHAR,
  billed_cost DECIMAL(38, 18),
  effective_cost DECIMAL(38, 18),
  list_cost DECIMAL(38, 18),
  contracted_cost DECIMAL(38, 18),
  consumed_quantity DECIMAL(38, 18),
  pricing_quantity DECIMAL(38, 18),
  consumed_unit VARCHAR,
  -- Of each column that a split matches by, in the order of allocation_match_columns.
  match_values VARCHAR[],
  -- The splits whose condition says that the charge weighs.
  weighs_for VARCHAR[]
);

-- Lineage that is the same for every charge that went one way; see route.ts.
CREATE TABLE routes (
  route_id INTEGER,
  from_route INTEGER,
  from_pool VARCHAR,
  pool VARCHAR,
  target VARCHAR,
  reason VARCHAR,
  held BOOLEAN,
  rule VARCHAR,
  driver VARCHAR,
  fallback_used BOOLEAN,
  pool_path VARCHAR,
  rule_ids VARCHAR,
  driver_ids VARCHAR,
  weight_numerator VARCHAR,
  weight_denominator VARCHAR,
  ratio_numerator VARCHAR,
  ratio_denominator VARCHAR,
  method_id VARCHAR,
  method_details VARCHAR
);

-- The occasions on which pools are split: charges of one cell that are in one pool are split alike.
CREATE TABLE cells (
  cell_id INTEGER,
  first_day DATE,
  bucket TIMESTAMP,
  currency VARCHAR,
  match_values VARCHAR[]
);

-- Parts of charges: each charge that is in a pool, and what each split makes of it.
CREATE TABLE parts (
  source VARCHAR,
  origin_row BIGINT,
  origin_version INTEGER,
  cell_id INTEGER,
  route_id INTEGER,
  billed_cost DECIMAL(38, 18),
  effective_cost DECIMAL(38, 18),
  list_cost DECIMAL(38, 18),
  contracted_cost DECIMAL(38, 18),
  consumed_quantity DECIMAL(38, 18),
  pricing_quantity DECIMAL(38, 18)
);

-- How the parts that a stage splits go on: by which split, and to which routes, in the order of its weights.
CREATE TABLE stage_splits (route_id INTEGER, cell_id INTEGER, split_id INTEGER, onward_routes INTEGER[]);

CREATE TABLE driver_weights (
  driver VARCHAR,
  key VARCHAR,
  match VARCHAR,
  used_at TIMESTAMP,
  valid_from DATE,
  valid_to DATE,
  weight DECIMAL(38, 18)
);

-- The weights that splits went by, for explanations.
CREATE TABLE weights (
  pool VARCHAR,
  rule VARCHAR,
  first_day DATE,
  bucket TIMESTAMP,
  match VARCHAR,
  currency VARCHAR,
  receiver VARCHAR,
  reason VARCHAR,
  weight VARCHAR,
  total VARCHAR,
  unit VARCHAR,
  driver VARCHAR,
  fallback_used BOOLEAN
);

-- The rules, as far as rows are joined to them.
CREATE TABLE assign_rules (rule_number INTEGER, rule VARCHAR, pool VARCHAR);
CREATE TABLE targets (
  target VARCHAR,
  name VARCHAR,
  valid_from DATE,
  valid_to DATE,
  mode VARCHAR,
  cost_centre VARCHAR,
  gl_account VARCHAR
);
-- What the splits that a charge in the pool may come to need to know of it.
CREATE TABLE pool_needs (pool VARCHAR, grain VARCHAR, match_columns INTEGER[]);
CREATE TABLE entry_routes (rule VARCHAR, target VARCHAR, pool VARCHAR, reason VARCHAR, route_id INTEGER);
