"""Hard cases of completed estimates and of what was booked."""

from decimal import Decimal

from simulator import shapes
from simulator.cases.desk import NOT_LANDED, cases, overlooks, reads
from simulator.company import UNIT
from simulator.timekeeping import DAY

CASES, case = cases("total_booked")


@case("39 canceled jobs of one week carry a completedOn too: the status decides", "num_estimates")
def canceled_with_completed_on(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"), jobStatus="Canceled")
    return [reads(job, jobStatus="Completed")]


@case("completedOn is an instant, cut in the tenant's zone", "num_estimates")
def completed_in_the_evening(desk):
    job = desk.job(completed=desk.at(desk.day, "19:30"))
    return [reads(job, completedOn=desk.noon_of_utc_day(job["completedOn"]))]


@case("Jobs with status Completed and an estimate type", "num_estimates")
def completed_of_another_type(desk):
    job = desk.job(of_type="Color Consultation", completed=desk.at(desk.day, "15:00"))
    return [reads(job, jobTypeId=desk.type_id("Estimate"))]


@case("A completed job without completedOn counts nowhere", "num_estimates")
def completed_without_completed_on(desk):
    job = desk.job(jobStatus="Completed")
    return [reads(job, completedOn=job["modifiedOn"])]


@case("A sale at 18:02 in Phoenix is already tomorrow in UTC")
def sold_in_the_evening(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    estimate = desk.estimate(job, 310_000, desk.at(desk.day, "18:02"))
    return [reads(estimate, soldOn=desk.noon_of_utc_day(estimate["soldOn"]))]


@case("Several sold estimates per job all count, each on its own sold day")
def two_sold_estimates_on_two_days(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    first = desk.estimate(job, 250_000, desk.at(desk.day, "15:30"))
    second = desk.estimate(job, 120_000, desk.at(desk.day + 2 * DAY))
    return [reads(second, soldOn=first["soldOn"])]


@case("Without soldOn it is neither booked nor sold")
def sold_without_sold_on(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    estimate = desk.estimate(job, 90_000, status=shapes.STATUS["Sold"])
    return [reads(estimate, soldOn=estimate["modifiedOn"])]


@case("Without a job it is neither booked nor sold")
def sold_without_a_job(desk):
    job = desk.job()
    estimate = desk.estimate(None, 110_000, desk.at(desk.day, "12:00"))
    return [reads(estimate, jobId=job["id"])]


@case("... nor with a job that is not landed")
def sold_of_a_job_not_landed(desk):
    job = desk.job()
    estimate = desk.estimate(None, 130_000, desk.at(desk.day, "12:00"), jobId=NOT_LANDED)
    return [reads(estimate, jobId=job["id"])]


@case("A sold estimate on a production unit counts nowhere")
def sold_on_a_production_unit(desk):
    job = desk.job("Nevada-Production", "Production-RES-EXT")
    estimate = desk.estimate(job, 45_000, desk.at(desk.day, "12:00"), "Nevada-Production")
    return [
        reads(job, businessUnitId=UNIT["Nevada-Sales"].id),
        reads(estimate, businessUnitId=UNIT["Nevada-Sales"].id),
    ]


@case("Status `Sold`: a dismissed estimate may still carry its soldOn")
def dismissed_with_sold_on(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    estimate = desk.estimate(
        job, 80_000, desk.at(desk.day, "16:00"), status=shapes.STATUS["Dismissed"]
    )
    return [reads(estimate, status=shapes.STATUS["Sold"])]


@case("Booked counts whatever became of the job: a canceled one, too")
def sold_of_a_canceled_job(desk):
    job = desk.job(jobStatus="Canceled")
    return [overlooks(desk.estimate(job, 140_000, desk.at(desk.day, "12:00")))]


@case("No job-type filter for booked")
def sold_of_a_type_that_is_no_estimate(desk):
    job = desk.job(of_type="Carpentry")
    return [overlooks(desk.estimate(job, 70_000, desk.at(desk.day, "12:00")))]


@case("Inactive (deleted) estimates count nowhere")
def inactive_estimate(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    estimate = desk.estimate(job, 210_000, desk.at(desk.day, "16:00"), active=False)
    return [reads(estimate, active=True)]


@case("Test customers are left out of leads only: what they buy is booked")
def sold_to_a_test_customer(desk):
    job = desk.job(person=desk.person("Planted test sale"))
    return [overlooks(desk.estimate(job, 66_000, desk.at(desk.day, "12:00")))]


@case("Estimates stand under the job's unit, not their own")
def estimate_of_another_unit(desk):
    job = desk.job("Tucson-Sales")
    desk.estimate(job, 95_000, desk.at(desk.day, "12:00"), "Phoenix-Sales")
    return [reads(job, businessUnitId=UNIT["Phoenix-Sales"].id)]


@case("Money is decimal(38,9): estimates of 3 to 9 decimals arrive exactly")
def estimate_with_nine_decimals(desk):
    job = desk.job(completed=desk.at(desk.day, "15:00"))
    sold = desk.at(desk.day, "16:00")
    odd = desk.estimate(job, 0, sold, subtotal=Decimal("1234.567891234"))
    desk.estimate(job, 0, sold, subtotal=Decimal("12.345"))
    return [reads(odd, subtotal=Decimal("1234.57"))]
