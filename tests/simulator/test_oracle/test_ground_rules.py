"""Days, names, units, amounts: what holds for every KPI."""

from datetime import date
from decimal import Decimal

import pytest

from simulator import oracle
from simulator.office import RULES
from simulator.oracle.values import calendar_day, money, same_name

from .tiny import (
    AS_OF,
    INSPECTION,
    JOB_TYPES,
    UNITS,
    WEST_SALES,
    appointment,
    completed,
    estimate,
    invoice,
    noon,
    oct_,
    payment,
    production_job,
    rows,
    sales_job,
    series,
    tenant,
)

# Days


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2025-10-22T06:59:59.9999999Z", 21),
        ("2025-10-22T07:00:00Z", 22),
        ("2025-10-22T01:02:00Z", 21),  # a sale at 18:02 in Phoenix is already tomorrow in UTC
        ("2025-10-22T06:59:59.1Z", 21),
        ("2025-10-22T01:00:00-07:00", 22),
        ("2025-10-22T06:59:59", 21),
    ],
)
def test_instants_are_cut_to_a_day_in_the_tenants_zone(instant, day):
    job = sales_job(createdOn=instant, jobStatus="Completed", completedOn=instant)
    records = tenant(jobs=[job], estimates=[estimate(soldOn=instant)])
    for kpi in ("lead_count", "num_estimates", "total_booked", "close_rate_percent"):
        assert list(series(records, kpi)) == [oct_(day)]
    records = tenant(
        jobs=[production_job()], appointments=[appointment(start=instant)], invoices=[invoice()]
    )
    assert list(series(records, "dollars_produced")) == [oct_(day)]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2025-03-09T06:59:00Z", date(2025, 3, 8)),  # still UTC-7
        ("2025-03-10T06:00:00Z", date(2025, 3, 10)),  # UTC-6 since the morning of the 9th
        ("2025-11-02T05:59:00Z", date(2025, 11, 1)),
        ("2025-11-03T06:00:00Z", date(2025, 11, 2)),  # UTC-7 again
    ],
)
def test_other_zones_have_summer_time(instant, day):
    records = tenant(jobs=[sales_job(createdOn=instant)])
    assert list(series(records, "lead_count", timezone="America/Denver")) == [day]


def test_calendar_dates_are_cut_to_ten_characters_and_never_shifted():
    assert calendar_day("2025-10-21T00:00:00Z") == date(2025, 10, 21)
    records = tenant(payments=[payment(day=oct_(21))], invoices=[invoice(day=oct_(21))])
    assert list(series(records, "dollars_collected")) == [oct_(21)]
    assert min(series(records, "outstanding_ar", "Phoenix-Production")) == oct_(21)


# Names


@pytest.mark.parametrize(
    "name",
    [
        "Andy's Painting-Sales",
        "ANDY'S  painting-SALES",
        "\tAndy’s Painting–Sales\u00a0",
        "Andy‘s\u00a0 Painting—Sales",
        "Andy's\tPainting‑Sales",
        "Andy's Painting Sales",  # the office's second name of the unit
    ],
)
def test_unit_names_match_whatever_their_case_blanks_dashes_and_apostrophes(name):
    records = tenant(business_units=[{"id": 1, "name": name}], jobs=[sales_job(businessUnitId=1)])
    assert {unit for _, unit in rows(records)} == {"Andy's Painting-Sales"}


def test_blanks_around_a_dash_make_another_name():
    assert same_name("West - Sales") != same_name("West- Sales")


def test_job_type_names_match_the_same_way():
    job_types = [{"id": 1, "name": " estimate –res-ext-pre\u00a01960"}]
    records = tenant(job_types=job_types, jobs=[sales_job(jobTypeId=1)])
    assert series(records, "lead_count") == {oct_(20): 1}


def test_every_name_of_the_office_is_its_own():
    for names in (RULES.units, [row.name for row in RULES.job_types]):
        assert len({same_name(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("Touchup", "warranty"),
        ("Window/Solar-Touchup", "none"),  # no warranty type
        ("Window/Solar Washing", "excluded"),
        ("ESTIMATE- WINDOW WASHING", "estimate"),
        ("Estimate- Cabinets", "estimate"),
        ("ESTIMATE-FLOOR COATINGS-EPOXY", "estimate"),
        ("Production-Cabinet", "none"),
        ("Company Training", "none"),
        ("A type of tomorrow", None),
    ],
)
def test_job_types_are_in_the_offices_lists(name, listed):
    lists = {same_name(row.name): row.job_type_list for row in RULES.job_types}
    assert lists.get(same_name(name)) == listed


def test_the_office_has_six_branches_with_a_sales_and_a_production_unit():
    branches = sorted((unit.region, unit.kind) for unit in set(RULES.units.values()))
    regions = ["ANDYS", "COMM_AZ", "GUAR_TX", "NEV", "PHX", "TUC"]
    assert branches == [(region, kind) for region in regions for kind in ("production", "sales")]


# Units


def test_retired_units_count_where_the_office_combines_them():
    jobs = [sales_job(1), sales_job(2, businessUnitId=WEST_SALES)]
    records = tenant(jobs=jobs)
    assert series(records, "lead_count", "Phoenix-Sales") == {oct_(20): 2}
    assert {unit for _, unit in rows(records)} == {"Phoenix-Sales"}


@pytest.mark.parametrize(
    ("retired", "unit"),
    [
        ("Z-DO NOT USE - West - Sales", "Phoenix-Sales"),
        ("Z-DO NOT USE - West- Production", "Phoenix-Production"),
    ],
)
def test_west_is_phoenix(retired, unit):
    records = tenant(
        business_units=[{"id": 1, "name": retired, "active": False}], payments=[payment(unit=1)]
    )
    assert {name for _, name in rows(records)} == {unit}


def test_an_unknown_unit_keeps_its_trimmed_name_and_every_kpi_applies():
    records = tenant(payments=[payment(unit=6)])
    row = rows(records)[oct_(23), "Mystery Branch"]
    ratios = {"gpm_percent", "close_rate_percent", "warranty_percent"}
    assert {kpi for kpi, value in row.items() if value is None} == ratios


@pytest.mark.parametrize(("unit_id", "name"), [(None, ""), (0, ""), (777, ""), (9, None), (9, " ")])
def test_no_unit_or_an_unknown_or_nameless_one_is_no_business_unit(unit_id, name):
    records = tenant(
        business_units=[*UNITS, {"id": 9, "name": name}],
        jobs=[sales_job(businessUnitId=unit_id)],
    )
    assert series(records, "lead_count", "(no business unit)") == {oct_(20): 1}


def test_a_reference_of_0_means_none_even_where_a_record_has_that_id():
    records = tenant(
        business_units=[*UNITS, {"id": 0, "name": "Tucson-Sales"}],
        jobs=[sales_job(businessUnitId=0)],
    )
    assert series(records, "lead_count", "(no business unit)") == {oct_(20): 1}


def test_a_jobs_own_active_is_ignored():
    records = tenant(jobs=[sales_job(active=False)])
    assert series(records, "lead_count") == {oct_(20): 1}


def test_inactive_job_types_keep_their_list():
    inactive = [job_type | {"active": False} for job_type in JOB_TYPES]
    jobs = [production_job(jobTypeId=INSPECTION)]
    records = tenant(
        job_types=inactive, jobs=jobs, appointments=[appointment()], invoices=[invoice()]
    )
    assert series(records, "dollars_produced") == {}


# Amounts


def test_money_is_exact_to_the_last_decimal():
    estimates = [estimate(1, subtotal=Decimal("0.1")), estimate(2, subtotal=Decimal("0.2"))]
    big = estimate(3, subtotal=Decimal("12345678901234567890123456789.000000001"))
    records = tenant(jobs=[sales_job()], estimates=[*estimates, big])
    assert series(records, "total_booked") == {
        oct_(21): Decimal("12345678901234567890123456789.300000001")
    }


def test_percentages_are_divided_once_from_exact_amounts():
    jobs = [sales_job(n, **completed(oct_(21))) for n in (1, 2, 3)]
    records = tenant(jobs=jobs, estimates=[estimate()])
    assert series(records, "close_rate_percent") == {oct_(21): 100 / 3}


def test_money_without_amount_is_zero():
    assert money(None) == 0


def test_a_float_is_refused_as_money():
    records = tenant(jobs=[sales_job()], estimates=[estimate(subtotal=0.1)])
    with pytest.raises(TypeError, match=r"0\.1 is a float"):
        oracle.daily_kpis(records, as_of=AS_OF)


@pytest.mark.parametrize("option", ["future_bookings_from", "lead_count_by"])
def test_an_unknown_choice_is_named(option):
    with pytest.raises(ValueError, match=f"{option} is 'sunday'"):
        oracle.daily_kpis(tenant(), as_of=AS_OF, **{option: "sunday"})


def test_the_as_of_day_only_cuts_rows():
    job = sales_job(createdOn=noon(oct_(20)), **completed(oct_(21)))
    records = tenant(jobs=[job], payments=[payment(day=oct_(28))])
    until_later = rows(records, as_of=oct_(28))
    until_earlier = rows(records, as_of=oct_(22))
    assert max(until_earlier)[0] == oct_(22)
    assert until_earlier == {
        place: row for place, row in until_later.items() if place[0] <= oct_(22)
    }
