-- One file of reservation details: how much of its family's smallest instance a reservation's instance counts for.
INSERT INTO reservation_details
SELECT trimmed(reservation_id), trimmed(instance_id), amount_of(flexibility_ratio)::DECIMAL(18, 6)
FROM raw
WHERE trimmed(reservation_id) IS NOT NULL;
