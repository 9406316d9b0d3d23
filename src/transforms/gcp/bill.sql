-- The rows that count, as they were staged. Where the source names the pricing export it is bill-with-prices.sql instead.
CREATE VIEW bill AS
SELECT *, CAST(NULL AS VARCHAR) AS unexplained_price, CAST(NULL AS VARCHAR) AS other_price_currency
FROM staged
ANTI JOIN copies USING (line_id);
