"""What the page reads: relations of st_mart, in SQL that both warehouses understand."""

from dataclasses import dataclass
from datetime import date, timedelta

from extract import config
from review.page.kpis import BALANCES, NAMES
from review.page.weeks import LAST_YEAR, WEEK, Weeks, weeks_up_to
from review.warehouse import Reader, ReviewError, reading

Rows = list[tuple]


@dataclass(frozen=True)
class Tables:
    """Rows as the warehouse gives them, columns in the order of the queries below."""

    weeks: Weeks
    units: Rows
    weekly: Rows
    monthly: Rows
    targets: Rows
    parity: Rows
    freshness: Rows
    unmapped: Rows
    restated: Rows
    tests: Rows
    records: Rows


def read(settings: config.Warehouse) -> Tables:
    """All of the page. Raises ReviewError where no build has made the tables, or they are empty."""
    with reading(settings) as warehouse:
        mart = warehouse.schema("st_mart")
        ((as_of,),) = warehouse.query(f"select max(event_date) from {mart}.daily_kpis_company")
        if as_of is None:
            raise ReviewError(
                f"{warehouse.place} holds no records yet: nothing has been landed before the "
                "as-of day"
            )
        weeks = weeks_up_to(as_of)
        return Tables(
            weeks=weeks,
            units=warehouse.query(
                "select business_unit, unit_kind, region, region_name "
                f"from {mart}.kpi_units order by region, business_unit"
            ),
            weekly=_numbers(warehouse, mart, "weekly"),
            monthly=_numbers(warehouse, mart, "monthly"),
            targets=warehouse.query(
                "select event_date, level, member, kpi, period_start, period_end, target, "
                "month_to_date, working_days_gone, working_days, expected "
                f"from {mart}.kpi_targets order by event_date, level, member, kpi"
            ),
            parity=warehouse.query(
                "select kpi, level, member, period_start, period_end, report, reported_value, "
                f"our_value, status, pulled_at from {mart}.report_parity "
                "order by pulled_at, report, reported_value_id"
            ),
            freshness=warehouse.query(
                f"select entity, last_landed_at, limit_hours, built_at from {mart}.data_freshness "
                "order by entity"
            ),
            unmapped=warehouse.query(
                f"select kind, name, is_active, job_count from {mart}.unmapped_names "
                "order by kind, job_count desc, name nulls last"
            ),
            restated=warehouse.query(
                "select kpi, event_date, business_unit, value_shown, value_now, difference, "
                f"changed_records from {mart}.kpi_restatements "
                "where day_was_over and event_date >= @since "
                "order by event_date desc, kpi, business_unit, shown_from desc",
                since=weeks.last_full - 12 * WEEK,
            ),
            tests=warehouse.query(
                "select test_name, status, finding_count, test_count, description "
                f"from {mart}.test_results order by status, test_name"
            ),
            records=_records(warehouse, mart, weeks),
        )


def _numbers(warehouse: Reader, mart: str, period: str) -> Rows:
    """Every number of all regions and the company, as period, place, and the ten KPIs."""
    names = ", ".join(NAMES)
    return warehouse.query(
        f"select event_date, region, {names} from {mart}.{period}_kpis_region "
        f"union all select event_date, 'Company', {names} from {mart}.{period}_kpis_company"
    )


def _records(warehouse: Reader, mart: str, weeks: Weeks) -> Rows:
    """The records of the recent weeks and of the same weeks last year, parts of balances included
    that stand in any of them."""
    first, end = _recent(weeks)
    balances = ", ".join(f"'{name}'" for name in BALANCES)
    return warehouse.query(
        "select kpi, first_day, last_day, business_unit, record_kind, record_id, job_number, "
        "customer_name, counted_key, numerator, denominator, why_it_counts "
        f"from {mart}.kpi_records "
        f"where (kpi in ({balances}) or first_day = last_day) "
        "and ((first_day <= @end and last_day >= @first) "
        "or (first_day <= @end_before and last_day >= @first_before)) "
        "order by kpi, first_day, business_unit, job_number nulls last, record_id",
        first=first,
        end=end,
        first_before=first - LAST_YEAR,
        end_before=end - LAST_YEAR,
    )


def _recent(weeks: Weeks) -> tuple[date, date]:
    half = weeks.detailed[len(weeks.detailed) // 2 :]
    return half[0], half[-1] + WEEK - timedelta(days=1)
