import { afterAll, describe, expect, test } from 'vitest'
import { netReports } from './aws-bills.ts'

const { session, inEachMonth, remove } = await netReports()
afterAll(remove)

describe('savings plans', () => {
  test('the negation takes back exactly what was covered, per plan', async () => {
    const plans = await inEachMonth<{ plans: string; covered: string; wrong: string }>(
      (month) => `
        SELECT count(*) AS plans, count(*) FILTER (covered > 0) AS covered, count(*) FILTER (covered + negated <> 0) AS wrong
        FROM (
          SELECT
            savings_plan_savings_plan_a_r_n,
            sum(d(line_item_unblended_cost)) FILTER (line_item_line_item_type = 'SavingsPlanCoveredUsage') AS covered,
            sum(d(line_item_unblended_cost)) FILTER (line_item_line_item_type = 'SavingsPlanNegation') AS negated
          FROM ${month}
          WHERE line_item_line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
          GROUP BY ALL
        )`,
    )
    expect(plans.flat()).toEqual([
      { plans: '2', covered: '2', wrong: '0' },
      { plans: '3', covered: '3', wrong: '0' },
      { plans: '3', covered: '3', wrong: '0' },
      { plans: '3', covered: '3', wrong: '0' },
    ])
  })

  test('in each day of a plan: used is the sum of the effective costs, total is amortised plus recurring, gross and net', async () => {
    const days = await inEachMonth<Record<string, string>>(
      (month) => `
        WITH
        fee AS (SELECT * FROM ${month} WHERE line_item_line_item_type = 'SavingsPlanRecurringFee'),
        used AS (
          SELECT
            savings_plan_savings_plan_a_r_n,
            line_item_usage_start_date,
            sum(d(savings_plan_savings_plan_effective_cost)) AS effective,
            sum(d(savings_plan_net_savings_plan_effective_cost)) AS net_effective
          FROM ${month}
          WHERE line_item_line_item_type = 'SavingsPlanCoveredUsage'
          GROUP BY ALL
        ),
        days AS (
          SELECT
            effective,
            net_effective,
            d(savings_plan_used_commitment) AS used,
            d(savings_plan_total_commitment_to_date) AS total,
            d(savings_plan_amortized_upfront_commitment_for_billing_period) AS amortised,
            d(savings_plan_recurring_commitment_for_billing_period) AS recurring,
            d(savings_plan_net_amortized_upfront_commitment_for_billing_period) AS net_amortised,
            d(savings_plan_net_recurring_commitment_for_billing_period) AS net_recurring,
            d(line_item_unblended_cost) AS fee,
            d(line_item_net_unblended_cost) AS net_fee
          FROM fee
          FULL JOIN used USING (savings_plan_savings_plan_a_r_n, line_item_usage_start_date)
        )
        SELECT
          count(*) AS days,
          count(*) FILTER (used < total) AS partly_used,
          count(*) FILTER (used = total) AS fully_used,
          count(*) FILTER (NOT coalesce(
            used = effective AND total = amortised + recurring AND fee = recurring
            AND net_fee = net_recurring AND net_amortised = amortised * 0.95 AND net_effective = used * 0.95,
            false
          )) AS wrong
        FROM days`,
    )
    const [august, september, october, restated] = days.map(([row]) => row)
    expect(august).toEqual({ days: '62', partly_used: '62', fully_used: '0', wrong: '0' })
    expect(september?.['days']).toBe(String(30 + 30 + 28))
    expect(october?.['days']).toBe(String(3 * 20))
    expect(restated?.['days']).toBe(String(3 * 31))
    for (const month of [september, october, restated]) {
      expect(month?.['wrong']).toBe('0')
      expect(Number(month?.['fully_used'])).toBeGreaterThan(0)
      expect(Number(month?.['partly_used'])).toBeGreaterThan(60 - 30)
    }
  })

  test('an upfront fee is billed once, a year of the hourly share', async () => {
    const fees = await inEachMonth<{ option: string; fee: string; net: string }>(
      (month) => `
        SELECT savings_plan_payment_option AS option, line_item_unblended_cost AS fee, line_item_net_unblended_cost AS net
        FROM ${month} WHERE line_item_line_item_type = 'SavingsPlanUpfrontFee'`,
    )
    expect(fees).toEqual([
      [{ option: 'Partial Upfront', fee: '4380.0', net: '4161.0' }],
      [{ option: 'All Upfront', fee: '6570.0', net: '6241.5' }],
      [],
      [],
    ])
  })
})

describe('reserved instances', () => {
  test('used and unused add up to the fee, the amortised upfront and the reserved units, gross and net', async () => {
    const reservations = await inEachMonth<Record<string, string>>(
      (month) => `
        WITH
        used AS (
          SELECT
            reservation_reservation_a_r_n AS arn,
            count(DISTINCT line_item_usage_account_id) AS accounts,
            sum(d(line_item_usage_amount)) AS hours,
            sum(d(line_item_normalized_usage_amount)) AS units,
            sum(d(reservation_recurring_fee_for_usage)) AS recurring,
            sum(d(reservation_amortized_upfront_cost_for_usage)) AS upfront,
            sum(d(reservation_effective_cost)) AS effective,
            sum(d(reservation_net_effective_cost)) AS net_effective
          FROM ${month}
          WHERE line_item_line_item_type = 'DiscountedUsage'
          GROUP BY ALL
        )
        SELECT
          split_part(line_item_usage_type, ':', 2) AS instance,
          coalesce(accounts, 0) AS accounts,
          coalesce(recurring, 0) + d(reservation_unused_recurring_fee) = d(line_item_unblended_cost) AS recurring,
          coalesce(upfront, 0) + d(reservation_unused_amortized_upfront_fee_for_billing_period) = d(reservation_amortized_upfront_fee_for_billing_period) AS upfront,
          coalesce(effective, 0) = coalesce(recurring + upfront, 0) AS effective,
          coalesce(net_effective, 0) + d(reservation_net_unused_recurring_fee) + d(reservation_net_unused_amortized_upfront_fee_for_billing_period)
            = d(line_item_net_unblended_cost) + d(reservation_net_amortized_upfront_fee_for_billing_period) AS net,
          CASE
            WHEN reservation_total_reserved_normalized_units IS NULL THEN hours + d(reservation_unused_quantity) = d(reservation_total_reserved_units)
            ELSE coalesce(units, 0) + d(reservation_unused_normalized_unit_quantity) = d(reservation_total_reserved_normalized_units)
          END AS units,
          d(reservation_unused_quantity) > 0 AS some_unused
        FROM ${month}
        LEFT JOIN used ON arn = reservation_reservation_a_r_n
        WHERE line_item_line_item_type = 'RIFee'
        ORDER BY instance`,
    )
    const holds = { recurring: true, upfront: true, effective: true, net: true, units: true, some_unused: true }
    const zonal = { instance: 'm5.xlarge', accounts: '1', ...holds }
    const shared = { instance: 'c5.2xlarge', accounts: '2', ...holds }
    const database = { instance: 'db.r5.large', accounts: '1', ...holds }
    const unused = { instance: 'cache.r6g.large', accounts: '0', ...holds }
    expect(reservations).toEqual([
      [shared, database, zonal],
      [shared, unused, database, zonal],
      [shared, unused, database, zonal],
      [shared, unused, database, zonal],
    ])
  })

  test('the fees of three payment options, and the hours of a month that begins with the purchase', async () => {
    const fees = await session.rows(`
      SELECT
        line_item_line_item_type AS type,
        split_part(line_item_usage_type, ':', 2) AS instance,
        line_item_unblended_cost AS cost,
        line_item_net_unblended_cost AS net,
        reservation_upfront_value AS upfront,
        reservation_amortized_upfront_fee_for_billing_period AS amortised,
        line_item_usage_start_date AS begins,
        line_item_usage_end_date AS ends,
        line_item_usage_amount AS hours
      FROM m08 WHERE line_item_line_item_type = 'RIFee' OR (line_item_line_item_type = 'Fee' AND reservation_reservation_a_r_n IS NOT NULL)
      ORDER BY type, instance`)
    expect(fees).toEqual([
      {
        type: 'Fee',
        instance: 'c5.2xlarge',
        cost: '911.04',
        net: '865.488',
        upfront: '911.04',
        amortised: null,
        begins: '2026-08-10 21:40:47',
        ends: '2027-08-10 21:40:46',
        hours: '1.0',
      },
      {
        type: 'RIFee',
        instance: 'c5.2xlarge',
        cost: '52.624',
        net: '49.9928',
        upfront: '911.04',
        amortised: '52.624',
        begins: '2026-08-10 21:40:47',
        ends: '2026-08-31 23:59:59',
        hours: '506.0',
      },
      {
        type: 'RIFee',
        instance: 'db.r5.large',
        cost: '0.0',
        net: '0.0',
        upfront: '1296.48',
        amortised: '110.112',
        begins: '2026-08-01 00:00:00',
        ends: '2026-08-31 23:59:59',
        hours: '744.0',
      },
      {
        type: 'RIFee',
        instance: 'm5.xlarge',
        cost: '199.392',
        net: '189.4224',
        upfront: '0.0',
        amortised: '0.0',
        begins: '2026-08-01 00:00:00',
        ends: '2026-08-31 23:59:59',
        hours: '1488.0',
      },
    ])
  })
})
