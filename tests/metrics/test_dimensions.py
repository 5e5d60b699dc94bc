"""What no table has is right, too: other periods, kinds of jobs, campaigns, no period at all."""

from datetime import date

import duckdb
import pytest

from review.warehouse import ReviewError


@pytest.fixture
def query(metrics_demo):
    """Asks the warehouse in SQL, beside MetricFlow."""
    with duckdb.connect(str(metrics_demo.settings.duckdb_path), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_a_quarter_counts_customers_anew_and_divides_once(ask, query):
    answer = ask("lead_count,gpm_percent,close_rate_percent,num_estimates", "metric_time__quarter")
    rows = query("""
        select date_trunc('quarter', first_day)::date,
            count(distinct counted_key) filter (kpi = 'lead_count'),
            100 * (sum(numerator) filter (kpi = 'gpm_percent'))::double
                / (sum(denominator) filter (kpi = 'gpm_percent'))::double,
            100 * (sum(numerator) filter (kpi = 'close_rate_percent'))::double
                / (sum(denominator) filter (kpi = 'close_rate_percent'))::double,
            count(*) filter (kpi = 'num_estimates')
        from st_mart.kpi_records where kpi not in ('future_bookings', 'outstanding_ar')
        group by 1 order by 1
    """)
    assert [row[:2] + row[4:] for row in answer.rows] == [row[:2] + row[4:] for row in rows]
    for ours, theirs in zip(answer.rows, rows, strict=True):
        assert ours[2:4] == pytest.approx(theirs[2:4], rel=1e-9)
    months = ask("lead_count", "metric_time__month").rows
    assert sum(count for _, count in months) > sum(row[1] for row in rows), (
        "no customer came in two months of a quarter: nothing is counted anew here"
    )


def test_a_balance_is_that_of_the_last_day_whatever_is_asked(ask, query):
    days = query(
        "select event_date, future_bookings, outstanding_ar from st_mart.daily_kpis_company"
    )
    last = {day: balances for day, *balances in sorted(days)}
    years = {day.year: balances for day, balances in last.items()}
    answer = ask("future_bookings,outstanding_ar", "metric_time__year")
    assert {day.year: balances for day, *balances in answer.rows} == years
    (ever,) = ask("future_bookings,outstanding_ar").rows
    assert list(ever) == last[max(last)]
    until = date(2025, 6, 11)
    (then,) = ask("future_bookings,outstanding_ar", last=until).rows
    assert list(then) == last[until] != list(ever)


def test_a_customer_of_two_campaigns_is_a_lead_of_each(ask, query):
    answer = ask("lead_count", "metric_time__week,business_unit,job__campaign_name")
    found = {tuple(keys): count for *keys, count in answer.rows if count}
    rows = query("""
        select event_date, business_unit, nullif(campaign_name, '(no campaign)'), lead_count
        from st_mart.leads_by_campaign where period = 'week'
    """)
    assert found == {tuple(keys): count for *keys, count in rows}


def test_a_margin_by_job_type_is_that_of_its_records(ask, query):
    answer = ask("gross_profit,gpm_revenue,gpm_percent", "job__job_type_name")
    rows = query("""
        select job_type_name, sum(numerator), sum(denominator)
        from st_mart.kpi_records where kpi = 'gpm_percent' and job_type_name is not null group by 1
    """)
    found = {name: tuple(values) for name, *values in answer.rows}
    assert len(rows) > 3
    for name, profit, revenue in rows:
        percent = pytest.approx(100 * float(profit) / float(revenue)) if revenue else None
        assert found[name] == (profit, revenue, percent)


def test_days_are_cut_and_weeks_stay_whole(ask):
    thursday, friday = date(2025, 12, 25), date(2025, 12, 26)
    days = ask("lead_count", "metric_time__day", first=thursday, last=friday).rows
    assert [day for day, _ in days] == [thursday, friday]
    cut = ask("lead_count,outstanding_ar", "metric_time__week", first=thursday, last=friday).rows
    monday = date(2025, 12, 22)
    whole = ask("lead_count,outstanding_ar", "metric_time__week").rows
    assert cut == [row for row in whole if row[0] == monday]


@pytest.mark.parametrize(
    ("names", "by", "named"),
    [
        ("leads", "metric_time__week", "leads"),
        ("lead_count", "metric_time__fortnight", "metric_time__fortnight"),
        ("outstanding_ar", "job__campaign_name", "job__campaign_name"),
    ],
    ids=["metric", "period", "a dimension that a balance does not have"],
)
def test_a_name_that_cannot_be_asked_is_named(ask, names, by, named):
    with pytest.raises(ReviewError, match="(?s)MetricFlow cannot answer this.*" + named) as raised:
        ask(names, by)
    assert "Traceback" not in str(raised.value)
    assert "Suggestions" in str(raised.value)
