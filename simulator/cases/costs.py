"""Hard cases of job costs: labor, materials, returns, and the cost of warranty work."""

from simulator.cases.desk import NOT_LANDED, cases, dollars, overlooks, reads
from simulator.timekeeping import DAY

CASES, case = cases("gpm_percent")


@case("Over all jobs, those with zero revenue included (warranty, training)")
def training_without_revenue(desk):
    desk.painted()
    job, _, _ = desk.painted(cents=0, of_type="Company Training ")
    desk.pay(job, 41_000)
    return [overlooks(job)]


@case("Where jobId is 0, pay goes through the job of its invoice")
def pay_with_an_invoice_but_no_job(desk):
    _, _, invoice = desk.painted()
    return [overlooks(desk.pay(None, 12_300, invoiceId=invoice["id"]))]


@case("Where jobId is null, pay goes through the job of its invoice")
def pay_with_a_null_job(desk):
    _, _, invoice = desk.painted()
    return [overlooks(desk.pay(None, 12_400, jobId=None, invoiceId=invoice["id"]))]


@case("An inactive invoice is no link either: gross pay that names it is on no job")
def pay_through_an_inactive_invoice(desk):
    job, _, _ = desk.painted()
    deleted = desk.invoice(job, cents=5_000, active=False)
    return [reads(desk.pay(None, 12_500, invoiceId=deleted["id"]), jobId=job["id"])]


@case("By jobId first; the invoice is asked only where there is none")
def pay_with_a_job_and_an_invoice_of_another(desk):
    job, _, _ = desk.painted()
    _, _, other = desk.painted(day=desk.day + DAY)
    return [reads(desk.pay(job, 12_600, invoiceId=other["id"]), jobId=0)]


@case("Equal rows can be real: never de-duplicate by value")
def equal_pay_twice(desk):
    job, _, _ = desk.painted()
    desk.pay(job, 15_000)
    return [overlooks(desk.pay(job, 15_000))]


@case("Pay is amount + coalesce(amountAdjustment, 0)")
def pay_with_an_adjustment(desk):
    job, _, _ = desk.painted()
    pay = desk.pay(job, 20_000, amountAdjustment=dollars(-2_500))
    return [reads(pay, amountAdjustment=None)]


@case("Every type of pay is labor, bonuses too")
def bonus(desk):
    job, _, _ = desk.painted()
    return [overlooks(desk.pay(job, 5_500, grossPayItemType="InvoiceRelatedBonus"))]


@case("Purchase orders of every status but Canceled")
def canceled_order(desk):
    job, _, _ = desk.painted()
    return [reads(desk.order(job, 33_000, status="Canceled"), status="Exported")]


@case("... Pending, too")
def pending_order(desk):
    job, _, _ = desk.painted()
    return [overlooks(desk.order(job, 34_000, status="Pending"))]


@case("Purchase orders by jobId: a stock order is on no job")
def order_without_a_job(desk):
    job, _, _ = desk.painted()
    return [reads(desk.order(None, 35_000), jobId=job["id"])]


@case("Header `total`, tax and shipping inside")
def order_with_tax_and_shipping(desk):
    job, _, _ = desk.painted()
    order = desk.order(job, 36_000, tax=dollars(2_000), shipping=dollars(1_000))
    return [reads(order, total=dollars(39_000))]


@case("... plus totalCost of invoice items of type Material or Equipment")
def material_on_the_invoice(desk):
    _, _, invoice = desk.painted()
    invoice["items"] = [
        desk.cost_item("Material", "10.00", "40.00"),
        desk.cost_item("Equipment", "25.00", "25.00"),
    ]
    return [reads(invoice, items=[])]


@case("totalCost of the item, not its unit cost")
def several_units_of_material(desk):
    _, _, invoice = desk.painted()
    invoice["items"] = [desk.cost_item("Material", "12.00", "96.00")]
    return [reads(invoice, items=[desk.cost_item("Material", "12.00", "12.00")])]


@case("Items of other types cost nothing here: their labor is in payroll")
def service_item_with_a_cost(desk):
    _, _, invoice = desk.painted()
    invoice["items"] = [desk.cost_item("Service", "70.00", "70.00")]
    return [reads(invoice, items=[desk.cost_item("Material", "70.00", "70.00")])]


@case("Inactive invoices count nowhere: neither does the material on them")
def material_on_an_inactive_invoice(desk):
    job, _, _ = desk.painted()
    items = [desk.cost_item("Material", "44.00", "44.00")]
    return [reads(desk.invoice(job, items=items, active=False), active=True)]


@case("billAmount of inventory bills that bill no purchase order")
def bill_without_an_order(desk):
    job, _, _ = desk.painted()
    return [overlooks(desk.bill(job, None, 8_800))]


@case("A bill with purchaseOrderId bills that order: never sum both")
def bill_of_an_order(desk):
    job, _, _ = desk.painted()
    order = desk.order(job, 21_000)
    return [reads(desk.bill(job, order, 21_000), purchaseOrderId=None)]


@case("A purchaseOrderId of 0 means none: such a bill counts")
def bill_of_order_zero(desk):
    job, _, _ = desk.painted()
    return [overlooks(desk.bill(job, None, 8_900, purchaseOrderId=0))]


@case("Inactive (deleted) inventory bills count nowhere")
def inactive_bill(desk):
    job, _, _ = desk.painted()
    return [reads(desk.bill(job, None, 9_900, active=False), active=True)]


@case("returnAmount is positive: cost = labor + materials - returns")
def returned_paint(desk):
    job, _, _ = desk.painted()
    order = desk.order(job, 50_000)
    returned = desk.returned(job, order, 12_000)
    return [reads(returned, returnAmount=-returned["returnAmount"])]


@case("A return by jobId, else through the purchase order's job")
def return_without_a_job(desk):
    job, _, _ = desk.painted()
    return [overlooks(desk.returned(None, desk.order(job, 51_000), 13_000))]


@case("... whatever that order's status")
def return_through_a_canceled_order(desk):
    job, _, _ = desk.painted()
    desk.pay(job, 30_000)
    order = desk.order(job, 52_000, status="Canceled")
    return [overlooks(desk.returned(None, order, 14_000))]


@case("Returns: status not Canceled")
def canceled_return(desk):
    job, _, _ = desk.painted()
    order = desk.order(job, 53_000)
    return [reads(desk.returned(job, order, 15_000, status="Canceled"), status="Returned")]


@case("Returns: no dateCanceled, whatever the status says")
def return_with_date_canceled_only(desk):
    job, _, _ = desk.painted()
    order = desk.order(job, 54_000)
    returned = desk.returned(job, order, 16_000, dateCanceled=desk.at(desk.day + DAY))
    return [reads(returned, dateCanceled=None)]


@case("Inactive (deleted) returns count nowhere")
def inactive_return(desk):
    job, _, _ = desk.painted()
    order = desk.order(job, 56_000)
    return [reads(desk.returned(job, order, 17_000, active=False), active=True)]


@case("Costs stand under the job's unit and start, whatever the day of pay")
def pay_of_another_day(desk):
    job, _, _ = desk.painted()
    pay = desk.pay(job, 19_000)
    pay["date"] = f"{desk.day + 40 * DAY}T00:00:00Z"
    return [reads(pay, jobId=NOT_LANDED)]


@case("Total cost of jobs of a warranty type, though they earn nothing", "warranty_percent")
def warranty_without_revenue(desk):
    desk.painted()
    job, _, _ = desk.painted(cents=0, of_type="Warranty", noCharge=True)
    desk.pay(job, 9_000)
    return [overlooks(job)]


@case("Touchup is a warranty type", "warranty_percent")
def touchup(desk):
    desk.painted()
    job, _, _ = desk.painted(cents=0, of_type="Touchup")
    desk.order(job, 3_000)
    return [reads(job, jobTypeId=desk.type_id("Carpentry"))]


@case("Window/Solar-Touchup is no warranty type", "warranty_percent")
def window_touchup(desk):
    desk.painted()
    job, _, _ = desk.painted(cents=0, of_type="Window/Solar-Touchup")
    desk.pay(job, 4_000)
    return [reads(job, jobTypeId=desk.type_id("Touchup"))]


@case("The excluded list leaves out costs and revenue of the margin, too")
def inspection_with_costs(desk):
    desk.painted()
    job, _, _ = desk.painted(cents=0, of_type="PM Inspection")
    desk.pay(job, 6_000)
    return [reads(job, jobTypeId=desk.type_id("Carpentry"))]
