-- What a delivery may bring beside its charges; both stay empty when it does not.
CREATE TABLE price_sheet (
  meter_id VARCHAR, product_key VARCHAR, product_id VARCHAR, sku_id VARCHAR, meter_type VARCHAR, unit_of_measure VARCHAR,
  price_type VARCHAR, effective_start VARCHAR, tier DOUBLE, list_price DECIMAL(38, 18)
);
CREATE TABLE reservation_details (reservation_id VARCHAR, instance_id VARCHAR, ratio DECIMAL(18, 6));
