"""Hard cases of the close rate: which jobs are opportunities, closed or open, and on which day."""

from simulator import shapes
from simulator.cases.desk import cases, overlooks, reads
from simulator.timekeeping import DAY

CASES, case = cases("close_rate_percent")

PLAN_BID = "ESTIMATE-COMM-PLANBID"  # sold from 5,000 dollars on


@case("$0 sales count: any sold estimate closes where no threshold is set")
def sale_of_nothing(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    estimate = desk.estimate(job, 0, desk.at(desk.day, "16:00"))
    return [reads(estimate, status=shapes.STATUS["Open"], soldOn=None)]


@case("Closed is dated by the earliest soldOn: an open opportunity moves when it is sold later")
def sold_months_after_completion(desk):
    completed = desk.at(desk.day - 100 * DAY, "15:00")
    job = desk.job(day=desk.day - 105 * DAY, completed=completed)
    estimate = desk.estimate(job, 410_000, desk.at(desk.day))
    return [reads(estimate, soldOn=completed)]


@case("Dated by the day of its earliest soldOn")
def closed_twice(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    first = desk.estimate(job, 150_000, desk.at(desk.day, "16:00"))
    second = desk.estimate(job, 50_000, desk.at(desk.day + 3 * DAY))
    return [reads(first, soldOn=second["soldOn"])]


@case("Closed needs no completion: a job sold before its visit ends is an opportunity")
def sold_but_not_completed(desk):
    job = desk.job()
    desk.estimate(job, 99_000, desk.at(desk.day, "16:00"))
    return [overlooks(job)]


@case("Open needs the status Completed")
def visit_on_hold(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), jobStatus="Hold")
    return [reads(job, jobStatus="Completed")]


@case("Not canceled, though sold")
def sold_and_canceled(desk):
    job = desk.job(jobStatus="Canceled")
    desk.estimate(job, 180_000, desk.at(desk.day, "16:00"))
    return [reads(job, jobStatus="Completed")]


@case("Not no-charge")
def no_charge_job(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), noCharge=True)
    desk.estimate(job, 75_000)
    return [reads(job, noCharge=False)]


@case("noCharge null (old rows): no active estimate, invoices sum to 0: no-charge")
def no_charge_unknown_and_nothing_charged(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), noCharge=None)
    desk.invoice(job, unit="Phoenix-Sales", cents=20_000)
    desk.invoice(job, unit="Phoenix-Sales", cents=-20_000)
    return [reads(job, noCharge=False)]


@case("noCharge null, no invoice at all: no-charge, too")
def no_charge_unknown_and_no_invoice(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), noCharge=None)
    return [reads(job, noCharge=False)]


@case("noCharge null, but its invoices charge something: an opportunity")
def no_charge_unknown_but_charged(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), noCharge=None)
    desk.invoice(job, unit="Phoenix-Sales", cents=9_900)
    return [reads(job, noCharge=True)]


@case("noCharge null, but an active estimate of any status: an opportunity")
def no_charge_unknown_but_estimated(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), noCharge=None)
    desk.estimate(job, 55_000, status=shapes.STATUS["Dismissed"])
    return [reads(job, noCharge=True)]


@case("noCharge null, its only estimate deleted, its only charge on a deleted invoice: no-charge")
def no_charge_unknown_and_all_deleted(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), noCharge=None)
    estimate = desk.estimate(job, 61_000, active=False)
    desk.invoice(job, unit="Phoenix-Sales", cents=61_000, active=False)
    return [reads(estimate, active=True)]


@case("Where soldThreshold is set their subtotals add up to at least that")
def threshold_met_by_the_sum(desk):
    job = desk.job("Commercial-AZ-Sales", PLAN_BID, completed=desk.at(desk.day, "15:00"))
    sold = desk.at(desk.day, "16:00")
    desk.estimate(job, 300_000, sold, "Commercial-AZ-Sales")
    second = desk.estimate(job, 200_000, sold, "Commercial-AZ-Sales")
    return [reads(second, status=shapes.STATUS["Open"], soldOn=None)]


@case("Below the threshold a sold estimate leaves the completed job open")
def threshold_missed(desk):
    job = desk.job("Commercial-AZ-Sales", PLAN_BID, completed=desk.at(desk.day, "15:00"))
    desk.estimate(job, 499_999, desk.at(desk.day, "16:00"), "Commercial-AZ-Sales")
    return [reads(job, jobTypeId=desk.type_id("ESTIMATE-COMM-EXT"))]


@case("Below the threshold and not completed: no opportunity at all")
def threshold_missed_and_not_completed(desk):
    job = desk.job("Commercial-AZ-Sales", PLAN_BID)
    desk.estimate(job, 120_000, desk.at(desk.day, "16:00"), "Commercial-AZ-Sales")
    return [reads(job, jobTypeId=desk.type_id("ESTIMATE-COMM-EXT"))]


@case("No job-type filter for the close rate")
def opportunity_of_another_type(desk):
    job = desk.job(of_type="Color Consultation", completed=desk.at(desk.day, "15:00"))
    return [overlooks(job)]


@case("A job sold after the as-of date is neither closed nor open before it")
def sold_after_the_as_of_date(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    estimate = desk.estimate(job, 160_000, desk.at(desk.day + 20 * DAY))
    desk.options["as_of"] = desk.day + 10 * DAY
    return [reads(estimate, status=shapes.STATUS["Open"], soldOn=None)]
