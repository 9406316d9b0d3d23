-- Only what says the invoice month of each row of a newline JSON file is parsed: the month itself, or in Google's own
-- FOCUS export the billing period, which begins on the first in UTC (at midnight there or in California).
CREATE VIEW months AS
SELECT
  coalesce(
    nullif(invoice.month, ''),
    strftime(nullif(BillingPeriodStart, '')::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y%m')
  ) AS month,
  row_number() OVER () AS row_number
FROM read_json(
  getvariable('file'), format => 'newline_delimited', columns => {invoice: 'STRUCT(month VARCHAR)', BillingPeriodStart: 'VARCHAR'}
);
