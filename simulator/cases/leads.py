"""Hard cases of leads, and of units and job types, which meet leads first."""

from simulator.cases.desk import NOT_LANDED, cases, overlooks, reads
from simulator.company import UNIT
from simulator.timekeeping import DAY, shift

CASES, case = cases("lead_count")


@case("A sale at 18:02 in Phoenix is already tomorrow in UTC; so is a lead")
def lead_in_the_evening(desk):
    job = desk.job(clock="18:02")
    return [reads(job, createdOn=desk.noon_of_utc_day(job["createdOn"]))]


@case("Days are cut in the tenant's zone; other zones have summer time, Phoenix has none")
def lead_around_midnight_in_summer(desk):
    summer = desk.last_day.replace(month=7, day=15)
    summer = summer if summer < desk.last_day else summer.replace(year=summer.year - 1)
    late = desk.job(day=summer, clock="23:30")
    early = desk.job(day=summer, clock="00:30")
    # Without summer time where there is some, or with it where there is none.
    record, hours = (early, -1) if desk.has_summer_time() else (late, 1)
    return [reads(record, createdOn=shift(record["createdOn"], hours=hours))]


@case("... over both clock changes")
def lead_around_a_clock_change(desk):
    readings = []
    for sunday in desk.clock_changes():
        spring = sunday.month == 3
        # After the change of spring and before that of autumn summer time holds.
        day = sunday + DAY if spring else sunday - DAY
        late, early = desk.job(day=day, clock="23:30"), desk.job(day=day, clock="00:30")
        record, hours = (early, -1) if desk.has_summer_time() else (late, 1)
        readings.append(reads(record, createdOn=shift(record["createdOn"], hours=hours)))
    return readings


@case("Distinct customers by name: two records of one name are one customer")
def two_customers_of_one_name(desk):
    first, second = desk.person("Planted Twins"), desk.person("Planted Twins")
    desk.job(person=first)
    desk.job(person=second, clock="13:00")
    return [reads(second.customer, name="Planted Twins by id")]


@case("Names match without regard to case, outer blanks, runs of blanks, the kind of dash")
def one_name_typed_twice(desk):
    first = desk.person("Planted-Homes O'Sample")
    second = desk.person(" planted–HOMES\u00a0 O’Sample ")
    desk.job(person=first)
    desk.job(person=second, clock="13:00")
    return [reads(second.customer, name="Planted-Homes by spelling")]


@case("Phoenix, 18-24 Aug 2025: 96 customers, 97 jobs, the report says 96")
def two_jobs_of_one_customer(desk):
    person, other = desk.person(), desk.person()
    desk.job(person=person)
    second = desk.job(person=person, clock="14:00")
    return [reads(second, customerId=other.customer["id"])]


@case("Counted anew per day: a customer of Tuesday counts on Wednesday again")
def one_customer_on_two_days(desk):
    person = desk.person()
    desk.job(person=person)
    second = desk.job(person=person, day=desk.day + DAY)
    return [overlooks(second)]


@case("... and level: a customer of two branches counts once for the company")
def one_customer_of_two_branches(desk):
    person, other = desk.person(), desk.person()
    desk.job("Tucson-Sales", person=person)
    second = desk.job("Nevada-Sales", person=person)
    return [reads(second, customerId=other.customer["id"])]


@case("A customer that is not landed counts by its id")
def customer_not_landed(desk):
    job = desk.job(customerId=NOT_LANDED)
    return [overlooks(job)]


@case("A landed customer without a name counts by its id")
def customers_without_a_name(desk):
    first, second = desk.person(""), desk.person(" ")
    desk.job(person=first)
    job = desk.job(person=second)
    return [reads(job, customerId=first.customer["id"])]


@case("A lead without a customer counts once per job")
def leads_without_a_customer(desk):
    desk.job(customerId=0)
    second = desk.job(customerId=0, clock="15:00")
    return [overlooks(second)]


@case("mergedToId is not followed")
def merged_customer(desk):
    kept = desk.person()
    merged = desk.person(active=False, mergedToId=kept.customer["id"])
    desk.job(person=kept)
    job = desk.job(person=merged)
    return [reads(job, customerId=kept.customer["id"])]


@case("Test customers (name contains `test`, any case) are left out of leads")
def test_customer(desk):
    person = desk.person("Planted TESTing House")
    desk.job(person=person)
    return [reads(person.customer, name="Planted House")]


@case("Any job status: a canceled estimate was a lead")
def canceled_lead(desk):
    return [overlooks(desk.job(jobStatus="Canceled"))]


@case("With a job of an estimate type, no other")
def lead_of_a_production_type(desk):
    job = desk.job(of_type="Production-RES-INT")
    return [reads(job, jobTypeId=desk.type_id("ESTIMATE-RES-INT"))]


@case("A job's own `active` is ignored: jobs cannot be deleted")
def inactive_job(desk):
    return [overlooks(desk.job(active=False))]


@case("The API spells some types otherwise: `Estimate- Cabinets`; a typist another dash and blanks")
def job_type_typed_otherwise(desk):
    job = desk.job(of_type="Estimate–  Cabinets")
    return [reads(job, jobTypeId=desk.type_id("Carpentry"))]


@case("Reference lists come with inactive rows: a retired job type carries history")
def retired_job_type(desk):
    job = desk.job(of_type="ESTIMATE-POPCORN")
    return [reads(job, jobTypeId=NOT_LANDED)]


@case("`Z-DO NOT USE - West - Sales` counts as `Phoenix-Sales`, though inactive")
def retired_west_sales(desk):
    job = desk.job("Z-DO NOT USE - West - Sales")
    return [reads(job, businessUnitId=NOT_LANDED)]


@case("Both `Andy's Painting Sales` and `Andy's Painting-Sales` occur: one reporting unit")
def second_spelling_of_andys(desk):
    unit = desk.unit_record("Andy's Painting Sales")
    desk.job("Andy's Painting Sales")
    return [reads(unit, name="Andy's Painting Sales, not found by its exact name")]


@case("A unit that the seed does not know keeps its own (trimmed) name; every KPI applies to it")
def unknown_unit(desk):
    return [overlooks(desk.job(" Yuma Startup\u00a0"))]


@case("A unit id that is null stands under `(no business unit)`")
def job_without_a_unit(desk):
    return [overlooks(desk.job(businessUnitId=None))]


@case("A unit id that is not landed stands under `(no business unit)`")
def job_of_a_unit_not_landed(desk):
    return [overlooks(desk.job(businessUnitId=NOT_LANDED))]


@case("lead_count applies to sales units")
def lead_on_a_production_unit(desk):
    job = desk.job("Tucson-Production")
    return [reads(job, businessUnitId=UNIT["Tucson-Sales"].id)]
