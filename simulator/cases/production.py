"""Hard cases of what was produced: the job's start day and its revenue."""

from simulator.cases.desk import NOT_LANDED, cases, makes_up, overlooks, reads
from simulator.company import UNIT
from simulator.shapes import appointment
from simulator.timekeeping import DAY

CASES, case = cases("dollars_produced")


@case("Appointment starts are instants, cut in the tenant's zone")
def evening_start(desk):
    _, appointment, _ = desk.painted()
    appointment["start"] = desk.at(desk.day, "19:00")
    return [reads(appointment, start=desk.noon_of_utc_day(appointment["start"]))]


@case("A job without an appointment is in no start-dated KPI")
def job_without_appointment(desk):
    person = desk.person()
    job = desk.job("Tucson-Production", "Production-RES-EXT", person=person)
    desk.invoice(job, person, "Tucson-Production", cents=230_000)
    start = desk.at(desk.day)
    made_up = appointment(NOT_LANDED, job["id"], job["customerId"], start, start, start)
    return [makes_up("appointments", made_up)]


@case("The first appointment, if it is active; else the earliest that is")
def first_appointment_deleted(desk):
    job, first, _ = desk.painted(cents=310_000)
    first["active"] = False
    desk.appointment(job, desk.day + 2 * DAY)
    return [reads(first, active=True)]


@case("... the earliest that is")
def first_appointment_deleted_and_two_left(desk):
    job, first, _ = desk.painted(cents=315_000)
    first["active"] = False
    earlier = desk.appointment(job, desk.day + 2 * DAY)
    desk.appointment(job, desk.day + 9 * DAY)
    return [overlooks(earlier)]


@case("The first appointment, if it is not unused; else the earliest that is not")
def first_appointment_unused(desk):
    job, first, _ = desk.painted(cents=320_000)
    first["unused"] = True
    desk.appointment(job, desk.day + 3 * DAY)
    return [reads(first, unused=False)]


@case("The first appointment, if it is landed; else the earliest of the job")
def first_appointment_not_landed(desk):
    job, _, _ = desk.painted(cents=330_000)
    job["firstAppointmentId"] = NOT_LANDED
    return [overlooks(job)]


@case("Start of the first appointment by its id, though another one starts earlier")
def first_appointment_is_not_the_earliest(desk):
    job, earlier, _ = desk.painted(cents=340_000)
    first = desk.appointment(job, desk.day + 2 * DAY)
    job["firstAppointmentId"] = first["id"]
    return [reads(job, firstAppointmentId=earlier["id"])]


@case("All its appointments deleted: no job start")
def all_appointments_deleted(desk):
    _, appointment, _ = desk.painted(cents=350_000)
    appointment["active"] = False
    return [reads(appointment, active=True)]


@case("Adjustments included, whatever their date")
def adjustment_on_a_later_date(desk):
    job, _, invoice = desk.painted(cents=400_000)
    later = desk.day + 30 * DAY
    adjustment = desk.invoice(job, day=later, cents=-60_000, adjustmentToId=invoice["id"])
    return [overlooks(adjustment)]


@case("By job start, not by invoice date")
def invoiced_weeks_after_the_start(desk):
    _, appointment, invoice = desk.painted(cents=410_000)
    invoice["invoiceDate"] = f"{desk.day + 21 * DAY}T00:00:00Z"
    return [reads(appointment, start=desk.at(desk.day + 21 * DAY))]


@case("as_of_date only cuts rows: a start after it is not yet produced, in its week neither")
def started_on_the_day_after_the_last(desk):
    _, appointment, _ = desk.painted(desk.last_day + DAY, 420_000, created=desk.day)
    return [reads(appointment, start=desk.at(desk.last_day))]


@case("All job statuses: what a canceled job invoiced was produced")
def canceled_job_with_revenue(desk):
    job, _, _ = desk.painted(cents=55_000, jobStatus="Canceled")
    return [overlooks(job)]


@case("Inactive (deleted) invoices count nowhere")
def inactive_invoice(desk):
    job, _, _ = desk.painted(cents=200_000)
    deleted = desk.invoice(job, cents=200_000, active=False)
    return [reads(deleted, active=True)]


@case("The job's subtotal is that of its invoices; `total` has the tax")
def taxed_invoice(desk):
    _, _, invoice = desk.painted(cents=100_000, unit="Guaranteed Painting-Production")
    invoice |= {"salesTax": "82.50", "total": "1082.50", "balance": "1082.50"}
    return [reads(invoice, subTotal=invoice["total"])]


@case("excluded (PM Inspection, Safety Inspection, Window/Solar Washing) are left out")
def excluded_type(desk):
    job, _, _ = desk.painted(cents=32_500, of_type="Window/Solar Washing")
    return [reads(job, jobTypeId=desk.type_id("Carpentry"))]


@case("A job type without a row is in no list, its money still counts")
def type_without_a_row(desk):
    job, _, _ = desk.painted(cents=27_500, of_type="Color Consultation")
    return [overlooks(job)]


@case("... and so does the money of a job whose type is not landed")
def type_not_landed(desk):
    job, _, _ = desk.painted(cents=26_500, jobTypeId=NOT_LANDED)
    return [overlooks(job)]


@case("Produced stands under the job's unit, not the invoice's")
def invoice_of_another_unit(desk):
    job, _, invoice = desk.painted(cents=120_000, unit="Tucson-Production")
    unit = UNIT["Phoenix-Production"]
    invoice["businessUnit"] = {"id": unit.id, "name": unit.name}
    return [reads(job, businessUnitId=unit.id)]


@case("`Z-DO NOT USE - West- Production` counts as `Phoenix-Production`, though inactive")
def retired_west_production(desk):
    job, _, _ = desk.painted(cents=210_000, unit="Z-DO NOT USE - West- Production")
    return [reads(job, businessUnitId=NOT_LANDED)]


@case("Names match without regard to a straight or curly apostrophe")
def curly_apostrophe(desk):
    unit = desk.unit_record("Andy’s Painting-Production")
    desk.painted(cents=220_000, unit="Andy’s Painting-Production")
    return [reads(unit, name="Andy’s Painting-Production, not found by its exact name")]


@case("An unmapped unit has produced, too: every KPI applies to it")
def produced_by_an_unknown_unit(desk):
    job, _, _ = desk.painted(cents=180_000, unit=" Yuma Startup\u00a0")
    return [overlooks(job)]


@case("Money is decimal(38,9): invoices of 3 to 9 decimals arrive exactly")
def invoice_with_nine_decimals(desk):
    job, _, invoice = desk.painted(cents=100_000)
    invoice["subTotal"] = invoice["total"] = "1000.123456789"
    desk.invoice(job)["subTotal"] = "0.005"
    return [reads(invoice, subTotal="1000.12")]
