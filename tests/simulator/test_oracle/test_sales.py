"""lead_count, num_estimates, total_booked, close_rate_percent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from simulator import oracle
from simulator.office import RULES, ListRule

from .tiny import (
    AS_OF,
    EXTERIOR,
    MYSTERY,
    PRODUCTION,
    THRESHOLD,
    UNLISTED,
    completed,
    customer,
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

# lead_count


def leads(jobs, customers=(), **options):
    records = tenant(jobs=jobs, customers=list(customers))
    return series(records, "lead_count", **options)


def test_a_lead_is_dated_by_the_jobs_creation():
    job = sales_job(createdOn=noon(oct_(20)), **completed(oct_(22)))
    assert leads([job]) == {oct_(20): 1}


@pytest.mark.parametrize("status", ["Scheduled", "InProgress", "Hold", "Completed", "Canceled"])
def test_a_lead_has_any_job_status(status):
    assert leads([sales_job(jobStatus=status)]) == {oct_(20): 1}


@pytest.mark.parametrize("job_type", [EXTERIOR, UNLISTED, 0, None, 777])
def test_a_lead_has_an_estimate_type(job_type):
    assert leads([sales_job(1), sales_job(2, jobTypeId=job_type)]) == {oct_(20): 1}


def test_leads_are_distinct_customers_by_name_as_names_match():
    spellings = ["Bo O'Hara-Li", "  bo  O’HARA–LI\u00a0", "Bo\tO'Hara-Li"]
    customers = [customer(n, name) for n, name in enumerate(spellings, 1)]
    assert leads([sales_job(n) for n in (1, 2, 3)], customers) == {oct_(20): 1}


def test_customers_of_different_names_are_two_leads():
    customers = [customer(1, "Bo Li"), customer(2, "Bo-Li")]
    assert leads([sales_job(1), sales_job(2)], customers) == {oct_(20): 2}


def test_a_customer_that_is_not_landed_counts_by_its_id():
    jobs = [sales_job(n, customerId=customer_id) for n, customer_id in [(1, 7), (2, 7), (3, 8)]]
    assert leads(jobs) == {oct_(20): 2}


@pytest.mark.parametrize("name", [None, "", " \u00a0"])
def test_a_customer_without_a_name_counts_by_its_id(name):
    customers = [customer(1, name), customer(2, name)]
    assert leads([sales_job(1), sales_job(2)], customers) == {oct_(20): 2}


def test_a_merged_customer_is_not_followed():
    customers = [customer(1, "Bo", mergedToId=2, active=False), customer(2, "Bo Li")]
    assert leads([sales_job(1), sales_job(2)], customers) == {oct_(20): 2}


@pytest.mark.parametrize("nobody", [None, 0])
def test_a_lead_without_a_customer_counts_once_per_job(nobody):
    jobs = [sales_job(n, customerId=nobody) for n in (1, 2)]
    assert leads(jobs) == {oct_(20): 2}


@pytest.mark.parametrize("name", ["test", "Joe TESTER", "Contest Winner"])
def test_test_customers_are_no_leads(name):
    jobs = [sales_job(1), sales_job(2)]
    assert leads(jobs, [customer(1, name), customer(2, "Bo")]) == {oct_(20): 1}


def test_test_customers_are_left_out_of_leads_only():
    job = sales_job(**completed(oct_(20)))
    records = tenant(
        jobs=[job], customers=[customer(1, "Test")], estimates=[estimate(soldOn=noon(oct_(20)))]
    )
    row = rows(records)[oct_(20), "Phoenix-Sales"]
    assert (row["lead_count"], row["num_estimates"], row["total_booked"]) == (0, 1, 100)


def test_a_customer_with_jobs_on_two_days_is_a_lead_of_each_day():
    jobs = [sales_job(1, customerId=7), sales_job(2, customerId=7, createdOn=noon(oct_(21)))]
    assert leads(jobs) == {oct_(20): 1, oct_(21): 1}


def test_leads_can_be_counted_by_job():
    jobs = [sales_job(1, customerId=7), sales_job(2, customerId=7)]
    assert leads(jobs, lead_count_by="job") == {oct_(20): 2}


def test_a_lead_without_creation_counts_nowhere():
    assert leads([sales_job(1), sales_job(2, createdOn=None)]) == {oct_(20): 1}


def test_jobs_of_a_production_unit_are_no_leads():
    records = tenant(jobs=[sales_job(businessUnitId=PRODUCTION)])
    assert oracle.daily_kpis(records, as_of=AS_OF) == []


# num_estimates


def test_estimates_are_completed_jobs_of_an_estimate_type_by_completion():
    jobs = [
        sales_job(1, **completed(oct_(22))),
        sales_job(2, **completed(oct_(22))),
        sales_job(3, jobTypeId=UNLISTED, **completed(oct_(22))),
    ]
    assert series(tenant(jobs=jobs), "num_estimates") == {oct_(22): 2}


def test_a_canceled_job_with_a_completion_is_no_estimate():
    jobs = [sales_job(jobStatus="Canceled", completedOn=noon(oct_(22)))]
    assert series(tenant(jobs=jobs), "num_estimates") == {}


def test_a_completed_job_without_completion_day_is_no_estimate():
    jobs = [sales_job(jobStatus="Completed", completedOn=None)]
    assert series(tenant(jobs=jobs), "num_estimates") == {}


def test_one_customer_with_two_completed_jobs_has_two_estimates():
    jobs = [sales_job(n, customerId=7, **completed(oct_(22))) for n in (1, 2)]
    assert series(tenant(jobs=jobs), "num_estimates") == {oct_(22): 2}


# total_booked


def booked(*estimates, job=None, unit=None):
    job = job or sales_job()
    return series(tenant(jobs=[job], estimates=list(estimates)), "total_booked", unit)


def test_booked_is_the_subtotal_on_the_day_sold():
    assert booked(estimate(subtotal=Decimal("12.345"), tax=Decimal(1))) == {
        oct_(21): Decimal("12.345")
    }


def test_several_sold_estimates_of_a_job_count_each_on_its_own_day():
    assert booked(estimate(1), estimate(2), estimate(3, soldOn=noon(oct_(24)))) == {
        oct_(21): 200,
        oct_(24): 100,
    }


@pytest.mark.parametrize("status", ["Open", "Dismissed", None])
def test_only_status_sold_is_booked(status):
    assert booked(estimate(status=status)) == {}


def test_an_inactive_estimate_is_not_booked():
    assert booked(estimate(active=False)) == {}


@pytest.mark.parametrize("active", [{}, {"active": None}])
def test_an_estimate_that_does_not_say_whether_it_is_active_is_booked(active):
    sold = estimate()
    del sold["active"]
    assert booked(sold | active) == {oct_(21): 100}


@pytest.mark.parametrize("job_id", [None, 0, 777])
def test_an_estimate_without_a_landed_job_is_not_booked(job_id):
    assert booked(estimate(jobId=job_id)) == {}


def test_an_estimate_without_sold_day_is_not_booked():
    assert booked(estimate(soldOn=None)) == {}


def test_booked_has_no_job_type_filter_and_any_job_status():
    assert booked(estimate(), job=sales_job(jobTypeId=EXTERIOR, jobStatus="Canceled")) == {
        oct_(21): 100
    }


def test_booked_stands_under_the_jobs_unit_not_the_estimates():
    assert booked(estimate(businessUnitId=MYSTERY), unit="Phoenix-Sales") == {oct_(21): 100}


def test_a_sold_estimate_on_a_production_unit_counts_nowhere():
    records = tenant(
        jobs=[production_job()], estimates=[estimate()], payments=[payment(unit=PRODUCTION)]
    )
    assert {row["total_booked"] for row in rows(records).values()} == {None}
    company = oracle.company_weekly_kpis(records, as_of=AS_OF)
    assert {row["total_booked"] for row in company} == {0}


# close_rate_percent


def close_rate(jobs, estimates=(), **entities):
    """The jobs that are closed and those that count, per day."""
    records = tenant(jobs=jobs, estimates=list(estimates), **entities)
    found = {}
    for record in oracle.ledger(records, as_of=AS_OF).counted["close_rate_percent"]:
        closed, all_jobs = found.get(record.day, (0, 0))
        found[record.day] = (closed + record.numerator, all_jobs + record.denominator)
    for day, (closed, all_jobs) in found.items():
        assert rows(records)[day, "Phoenix-Sales"]["close_rate_percent"] == 100 * closed / all_jobs
    return found


def test_a_closed_opportunity_is_dated_by_its_earliest_sale():
    job = sales_job(**completed(oct_(20)))
    sales = [estimate(1, soldOn=noon(oct_(24))), estimate(2, soldOn=noon(oct_(21)))]
    assert close_rate([job], sales) == {oct_(21): (1, 1)}


def test_a_closed_opportunity_need_not_be_completed():
    assert close_rate([sales_job()], [estimate()]) == {oct_(21): (1, 1)}


def test_an_open_opportunity_is_completed_and_dated_by_its_completion():
    jobs = [sales_job(1, **completed(oct_(22))), sales_job(2)]
    assert close_rate(jobs) == {oct_(22): (0, 1)}


def test_a_job_that_is_not_completed_is_not_open_whatever_its_completion_day():
    assert close_rate([sales_job(jobStatus="Hold", completedOn=noon(oct_(22)))]) == {}


def test_the_rate_is_closed_over_all_opportunities():
    jobs = [sales_job(1), *(sales_job(n, **completed(oct_(21))) for n in (2, 3, 4))]
    assert close_rate(jobs, [estimate()]) == {oct_(21): (1, 4)}


def test_a_zero_dollar_sale_closes():
    assert close_rate([sales_job()], [estimate(subtotal=Decimal(0))]) == {oct_(21): (1, 1)}


@pytest.mark.parametrize(("second", "closed"), [("200", 1), ("199.99", 0)])
def test_a_sold_threshold_is_reached_by_all_sold_estimates_together(second, closed):
    job = sales_job(jobTypeId=THRESHOLD, **completed(oct_(21)))
    sales = [estimate(1, subtotal=Decimal(300)), estimate(2, subtotal=Decimal(second))]
    assert close_rate([job], sales) == {oct_(21): (closed, 1)}


def test_a_job_below_its_threshold_is_open_on_its_completion_day():
    job = sales_job(jobTypeId=THRESHOLD, **completed(oct_(20)))
    assert close_rate([job], [estimate()]) == {oct_(20): (0, 1)}


def test_a_canceled_job_is_no_opportunity():
    assert close_rate([sales_job(jobStatus="Canceled")], [estimate()]) == {}


def test_a_no_charge_job_is_no_opportunity():
    assert close_rate([sales_job(noCharge=True)], [estimate()]) == {}


def test_an_opportunity_needs_no_estimate_type():
    assert close_rate([sales_job(jobTypeId=EXTERIOR)], [estimate()]) == {oct_(21): (1, 1)}


def test_a_job_of_a_production_unit_is_no_opportunity():
    assert close_rate([production_job()], [estimate()]) == {}


def test_inactive_and_undated_sales_do_not_close():
    job = sales_job(**completed(oct_(20)))
    assert close_rate([job], [estimate(1, active=False), estimate(2, soldOn=None)]) == {
        oct_(20): (0, 1)
    }


def test_an_old_row_without_no_charge_is_one_when_it_has_neither_estimate_nor_invoice():
    assert close_rate([sales_job(noCharge=None, **completed(oct_(20)))]) == {}


def test_an_old_row_with_an_active_estimate_of_any_status_is_charged():
    job = sales_job(noCharge=None, **completed(oct_(20)))
    assert close_rate([job], [estimate(status="Dismissed", soldOn=None)]) == {oct_(20): (0, 1)}


def test_an_inactive_estimate_does_not_make_an_old_row_charged():
    job = sales_job(noCharge=None, **completed(oct_(20)))
    assert close_rate([job], [estimate(active=False)]) == {}


@pytest.mark.parametrize(
    ("invoices", "opportunities"),
    [
        ([invoice(1, "50")], {oct_(20): (0, 1)}),
        ([invoice(1, "50"), invoice(2, "-50")], {}),
        ([invoice(1, "50", active=False)], {}),
        ([invoice(1, "50", subTotal="0", total="50")], {}),
    ],
)
def test_an_old_row_is_charged_where_its_active_invoices_do_not_sum_to_zero(
    invoices, opportunities
):
    job = sales_job(noCharge=None, **completed(oct_(20)))
    assert close_rate([job], invoices=invoices) == opportunities


def test_a_job_sold_after_the_as_of_day_is_neither_closed_nor_open():
    job = sales_job(**completed(oct_(20)))
    records = tenant(jobs=[job], estimates=[estimate(soldOn=noon(oct_(28)))])
    found = rows(records, as_of=oct_(27))
    assert {row["close_rate_percent"] for row in found.values()} == {None}


def test_which_list_filters_which_kpi_is_data():
    inspections_only = replace(RULES, list_rules=(ListRule("num_estimates", "excluded", "only"),))
    jobs = [sales_job(1, jobTypeId=4, **completed(oct_(22))), sales_job(2, **completed(oct_(23)))]
    found = series(tenant(jobs=jobs), "num_estimates", rules=inspections_only)
    assert found == {oct_(22): 1}


def test_a_job_of_an_unmapped_unit_counts_in_sales_kpis():
    job = sales_job(businessUnitId=MYSTERY, **completed(oct_(21)))
    row = rows(tenant(jobs=[job], estimates=[estimate()]))[oct_(21), "Mystery Branch"]
    assert (row["num_estimates"], row["total_booked"], row["close_rate_percent"]) == (1, 100, 100.0)
