"""One record of each entity in the JSON shape of the API (export models, March 2026).

Every function takes the facts that differ from record to record and fills in the rest; `fields`
in the API's own names override anything, which is how the hard cases get their odd values.
Instants are strings such as `2025-10-21T01:02:03.1234567Z`, calendar dates midnight UTC, money in
accounting a string and elsewhere a Decimal that is encoded as a JSON number.
"""

from decimal import Decimal
from typing import Any

from simulator.company import CAMPAIGNS, Branch, JobType, Unit

Record = dict[str, Any]

CREATED_BY = 77


def text(cents: int) -> str:
    """123450 -> "1234.50": accounting's money."""
    return f"{cents / 100:.2f}"


def number(cents: int) -> Decimal:
    """123450 -> Decimal("1234.50"): everybody else's money."""
    return Decimal(f"{cents / 100:.2f}")


def calendar_date(day: str) -> str:
    """2025-10-21 -> the midnight UTC that the API sends for a calendar date."""
    return day + "T00:00:00Z"


def named(ref: int | None, name: str | None = None) -> Record | None:
    """The {id, name} of a nested reference, None where there is none."""
    return None if ref is None else {"id": ref, "name": name}


def address(branch: Branch, n: int) -> Record:
    """An invented address; streets count through, nobody lives there."""
    return {
        "street": f"{100 + n % 9_000} Sample Street {n % 97}",
        "unit": None,
        "city": branch.city,
        "state": branch.state,
        "zip": "00000",
        "country": "USA",
        "latitude": None,
        "longitude": None,
    }


def business_unit(unit: Unit, created: str, tenant: Record, **fields) -> Record:
    return {
        "id": unit.id,
        "active": unit.active,
        "name": unit.name,
        "officialName": unit.name.strip() + " of Sample Painting",
        "email": None,
        "currency": "USD",
        "phoneNumber": None,
        "invoiceHeader": "<p>Sample Painting &amp; Invented Coatings</p>",
        "invoiceMessage": None,
        "defaultTaxRate": Decimal("0.0"),
        "authorizationParagraph": None,
        "acknowledgementParagraph": None,
        "address": None,
        "materialSku": None,
        "quickbooksClass": None,
        "accountCode": None,
        "franchiseId": None,
        "conceptCode": None,
        "corporateContractNumber": None,
        "trade": {"id": 9, "name": "Painting"},
        "division": None,
        "tagTypeIds": [],
        "tenant": tenant,
        "createdOn": created,
        "modifiedOn": created,
        "externalData": None,
    } | fields


def job_type(of: JobType, created: str, unit_ids: list[int], **fields) -> Record:
    return {
        "id": of.id,
        "name": of.name,
        "businessUnitIds": unit_ids,
        "skills": [],
        "tagTypeIds": [],
        "priority": "Normal",
        "duration": 7_200,
        "soldThreshold": None if of.sold_threshold is None else number(of.sold_threshold * 100),
        "class": of.group.split("-")[0],
        "summary": "",
        "noCharge": of.no_charge,
        "enforceRecurringServiceEventSelection": None,
        "invoiceSignaturesRequired": False,
        "modifiedOn": created,
        "createdOn": created,
        "externalData": [],
        "active": of.active,
        "isSmartDispatched": False,
    } | fields


def campaign(n: int, created: str, **fields) -> Record:
    name, category, active = CAMPAIGNS[n]
    categories = sorted({c for _, c, _ in CAMPAIGNS})
    return {
        "id": 301 + n,
        "name": name,
        "modifiedOn": created,
        "createdOn": created,
        "active": active,
        "isDefaultCampaign": n == 0,
        "category": {"id": 31 + categories.index(category), "name": category, "active": True},
        "source": None,
        "otherSource": None,
        "businessUnit": None,
        "medium": None,
        "otherMedium": None,
        "campaignPhoneNumbers": None,
    } | fields


def technician(id: int, unit: Unit, created: str, active: bool, **fields) -> Record:
    return {
        "id": id,
        "userId": id + 500_000,
        "name": f"Sample Painter {id % 10_000:03}",
        "roleIds": None,
        "businessUnitId": unit.id,
        "mainZoneId": None,
        "zoneIds": None,
        "createdOn": created,
        "modifiedOn": created,
        "email": None,
        "phoneNumber": None,
        "loginName": None,
        "home": None,
        "dailyGoal": Decimal("0.0"),
        "isManagedTech": True,
        "customFields": None,
        "active": active,
        "burdenRate": Decimal("0.0"),
        "team": None,
        "commissionRate": Decimal("0.0"),
        "hourlyRate": Decimal("27.50"),
        "payrollId": None,
        "soldByRate": Decimal("0.0"),
        "status": "Idle",
        "positions": None,
    } | fields


def customer(id: int, name: str, kind: str, branch: Branch, created: str, **fields) -> Record:
    return {
        "id": id,
        "active": True,
        "name": name,
        "type": kind,
        "address": address(branch, id),
        "customFields": [],
        "balance": Decimal("0.0"),
        "taxExempt": False,
        "tagTypeIds": [],
        "doNotMail": False,
        "doNotService": False,
        "nationalAccount": False,
        "createdOn": created,
        "createdById": CREATED_BY,
        "modifiedOn": created,
        "mergedToId": None,
        "paymentTermId": None,
        "creditLimit": None,
        "creditLimitBalance": None,
        "externalData": [],
    } | fields


def location(
    id: int, customer_id: int, name: str, branch: Branch, created: str, **fields
) -> Record:
    return {
        "taxZoneId": None,
        "id": id,
        "customerId": customer_id,
        "active": True,
        "name": name,
        "address": address(branch, id),
        "customFields": [],
        "createdOn": created,
        "createdById": CREATED_BY,
        "modifiedOn": created,
        "mergedToId": None,
        "zoneId": None,
        "taxExempt": False,
        "tagTypeIds": [],
        "externalData": [],
    } | fields


def job(
    id: int,
    unit_id: int,
    type_id: int,
    customer_id: int,
    location_id: int,
    created: str,
    modified: str,
    **fields,
) -> Record:
    return {
        "summary": None,
        "customFields": [],
        "externalData": None,  # null on the wire, whatever the specification says
        "id": id,
        "jobNumber": f"{id % 10_000_000 + 30_000}",
        "projectId": None,
        "customerId": customer_id,
        "locationId": location_id,
        "jobStatus": "Scheduled",
        "completedOn": None,
        "businessUnitId": unit_id,
        "jobTypeId": type_id,
        "priority": "Normal",
        "campaignId": 301,
        "appointmentCount": 1,
        "firstAppointmentId": 0,
        "lastAppointmentId": 0,
        "recallForId": None,
        "warrantyId": None,
        "jobGeneratedLeadSource": None,
        "noCharge": False,
        "notificationsEnabled": True,
        "createdOn": created,
        "createdById": CREATED_BY,
        "modifiedOn": modified,
        "tagTypeIds": [],
        "leadCallId": None,
        "partnerLeadCallId": None,
        "bookingId": None,
        "soldById": None,
        "customerPo": None,
        "invoiceId": 0,
        "membershipId": None,
        "total": None,
        "createdFromEstimateId": None,
        "estimateIds": [],
        "active": True,
    } | fields


def appointment(
    id: int, job_id: int, customer_id: int, start: str, end: str, created: str, **fields
) -> Record:
    return {
        "id": id,
        "jobId": job_id,
        "appointmentNumber": f"{job_id % 10_000_000 + 30_000}-1",
        "start": start,
        "end": end,
        "arrivalWindowStart": start,
        "arrivalWindowEnd": None,
        "status": "Scheduled",
        "specialInstructions": None,
        "createdOn": created,
        "modifiedOn": created,
        "customerId": customer_id,
        "unused": False,
        "createdById": CREATED_BY,
        "isConfirmed": False,
        "active": True,
    } | fields


STATUS = {
    "Open": {"value": 0, "name": "Open"},
    "Sold": {"value": 1, "name": "Sold"},
    "Dismissed": {"value": 2, "name": "Dismissed"},
}

_SKU = {
    "id": 6_001,
    "name": "PAINT-LABOR",
    "displayName": "Painting, labor and paint",
    "type": "Service",
    "soldHours": Decimal("1.0"),
    "generalLedgerAccountId": 41,
    "generalLedgerAccountName": "Painting income",
    "modifiedOn": "2019-06-01T00:00:00Z",
}


def estimate(
    id: int,
    job: Record | None,
    unit: Unit,
    created: str,
    cents: int,
    **fields,
) -> Record:
    job = job or {}
    subtotal = number(cents)
    return {
        "id": id,
        "jobId": job.get("id"),
        "projectId": None,
        "locationId": job.get("locationId"),
        "customerId": job.get("customerId"),
        "name": "Painting proposal",
        "jobNumber": job.get("jobNumber"),
        "status": STATUS["Open"],
        "reviewStatus": "None",
        "summary": None,
        "createdOn": created,
        "modifiedOn": created,
        "soldOn": None,
        "soldBy": None,
        "active": True,
        "items": [
            {
                "id": id * 10,
                "sku": _SKU,
                "skuAccount": "Painting income",
                "description": "Two coats",
                "membershipTypeId": None,
                "qty": Decimal("1.0"),
                "unitRate": subtotal,
                "total": subtotal,
                "unitCost": Decimal("0.0"),
                "totalCost": Decimal("0.0"),
                "itemGroupName": "",
                "itemGroupRootId": None,
                "createdOn": created,
                "modifiedOn": created,
                "chargeable": None,
                "invoiceItemId": None,
                "budgetCodeId": None,
            }
        ],
        "externalLinks": None,
        "subtotal": subtotal,
        "tax": Decimal("0.0"),
        "businessUnitId": unit.id,
        "businessUnitName": unit.name,
        "isRecommended": False,
        "budgetCodeId": None,
        "isChangeOrder": False,
        "proposalTagName": None,
    } | fields


INCOME = {
    "id": 41,
    "name": "Painting income",
    "number": "4010",
    "type": "Income",
    "detailType": "ServiceIncome",
}


def invoice_item(id: int, kind: str, total: str, total_cost: str, created: str, **fields) -> Record:
    return {
        "id": id,
        "description": "Two coats" if kind == "Service" else "Paint and supplies",
        "quantity": "1.0000000000000000000",
        "cost": total_cost,
        "totalCost": total_cost,
        "inventoryLocationId": None,
        "inventoryLocation": None,
        "price": total,
        "type": kind,
        "skuName": "PAINT-LABOR" if kind == "Service" else "PAINT-GALLON",
        "skuId": 6_001 if kind == "Service" else 6_002,
        "total": total,
        "inventory": False,
        "taxable": False,
        "isChargeable": True,
        "generalLedgerAccount": INCOME,
        "costOfSaleAccount": None,
        "assetAccount": None,
        "membershipTypeId": 0,
        "itemGroup": None,
        "displayName": None,
        "soldHours": None,
        "createdOn": created,
        "modifiedOn": created,
        "serviceDate": None,
        "order": 1,
        "businessUnit": None,
        "createdById": CREATED_BY,
        "addOn": False,
        "memberPrice": None,
        "technicianId": None,
        "estimateItemId": None,
    } | fields


def invoice(
    id: int,
    job: Record | None,
    unit: Unit | None,
    customer: tuple[int, str] | None,
    location: tuple[int, str] | None,
    day: str | None,
    created: str,
    cents: int = 0,
    tax: int = 0,
    balance: int = 0,
    **fields,
) -> Record:
    """`day`: its calendar date; `cents`: its subTotal; `tax` and `balance` in cents, too."""
    return {
        "summary": None,
        "items": [],
        "customFields": None,
        "active": True,
        "discountTotal": "0.00",
        "importId": None,
        "exportId": None,
        "materialSkuId": None,
        "membershipId": None,
        "paidOn": None,
        "invoiceConfiguration": "JobInvoice" if job else "CounterSales",
        "id": id,
        "syncStatus": "Posted",
        "referenceNumber": f"{id % 10_000_000 + 50_000}",
        "invoiceDate": day and calendar_date(day),
        "dueDate": day and calendar_date(day),
        "subTotal": text(cents),
        "salesTax": text(tax),
        "salesTaxCode": None,
        "taxZoneId": None,
        "total": text(cents + tax),
        "balance": text(balance),
        "invoiceType": None,
        "customer": customer and named(*customer),
        "customerAddress": None,
        "location": location and named(*location),
        "locationAddress": None,
        "businessUnit": unit and named(unit.id, unit.name),
        "termName": "Due Upon Receipt",
        "createdBy": "office",
        "batch": None,
        "depositedOn": None,
        "createdOn": created,
        "modifiedOn": created,
        "adjustmentToId": None,
        "job": job and {"id": job["id"], "number": job["jobNumber"], "type": None},
        "projectId": None,
        "royalty": None,
        "employeeInfo": None,
        "commissionEligibilityDate": None,
        "sentStatus": "NotSent",
        "reviewStatus": "NeedsReview",
        "assignedTo": None,
    } | fields


def application(id: int, invoice_id: int, amount: str, on: str) -> Record:
    """One row of a payment: `appliedTo` is the invoice, `appliedId` the row's own id."""
    return {
        "appliedAmount": amount,
        "appliedBy": "office",
        "appliedId": id,
        "appliedOn": on,
        "appliedTo": invoice_id,
        "appliedToReferenceNumber": None,
    }


def payment(
    id: int,
    unit: Unit | None,
    customer: tuple[int, str] | None,
    day: str | None,
    created: str,
    total: str,
    applied: list[Record],
    **fields,
) -> Record:
    return {
        "active": True,
        "appliedTo": applied,
        "authCode": None,
        "batch": None,
        "businessUnit": unit and named(unit.id, unit.name),
        "checkNumber": None,
        "createdBy": "office",
        "createdOn": created,
        "customer": customer and named(*customer),
        "customFields": None,
        "date": day and calendar_date(day),
        "deposit": None,
        "generalLedgerAccount": None,
        "id": id,
        "memo": None,
        "modifiedOn": created,
        "referenceNumber": f"P{id % 10_000_000}",
        "refundedPaymentId": None,
        "syncStatus": "Posted",
        "total": total,
        "type": "Check",
        "typeId": "2",
        "unappliedAmount": "0.00",
    } | fields


def gross_pay_item(
    employee_id: int,
    payroll_id: int,
    day: str,
    amount: Decimal,
    job: Record | None,
    unit_name: str | None,
    created: str,
    **fields,
) -> Record:
    """Pay for one employee and day; `id` is null, as every tenant shows it."""
    return {
        "id": None,
        "employeeId": employee_id,
        "employeeType": "Technician",
        "businessUnitName": unit_name,
        "payrollId": payroll_id,
        "employeePayrollId": None,
        "date": calendar_date(day),
        "activity": "Working",
        "activityCodeId": None,
        "activityCode": None,
        "amount": amount,
        "amountAdjustment": None,
        "payoutBusinessUnitName": None,
        "grossPayItemType": "TimesheetTime",
        "startedOn": None,
        "endedOn": None,
        "paidDurationHours": Decimal("8.0"),
        "paidTimeType": "Regular",
        "sourceEntityId": None,
        "jobId": job["id"] if job else 0,
        "jobNumber": job["jobNumber"] if job else None,
        "jobTypeName": None,
        "projectNumber": None,
        "projectId": None,
        "invoiceId": None,
        "invoiceNumber": None,
        "invoiceItemId": None,
        "customerId": None,
        "customerName": None,
        "locationId": None,
        "locationName": None,
        "locationAddress": None,
        "locationZip": None,
        "zoneName": None,
        "taxZoneName": None,
        "laborTypeId": None,
        "laborTypeCode": None,
        "budgetCodeId": None,
        "isPrevailingWageJob": None,
        "memo": None,
        "createdOn": created,
        "modifiedOn": created,
        "active": True,
    } | fields


def purchase_order(
    id: int, job_id: int | None, unit_id: int, day: str, created: str, total: Decimal, **fields
) -> Record:
    return {
        "id": id,
        "number": f"PO-{id % 10_000_000}",
        "invoiceId": None,
        "jobId": job_id,
        "projectId": None,
        "status": "Exported",
        "typeId": 71,
        "vendorId": 801,
        "technicianId": None,
        "shipTo": {"street": "1 Sample Yard", "city": None, "state": None, "country": "USA"},
        "businessUnitId": unit_id,
        "inventoryLocationId": None,
        "batchId": None,
        "budgetCodeId": None,
        "vendorDocumentNumber": None,
        "date": calendar_date(day),
        "requiredOn": calendar_date(day),
        "sentOn": created,
        "receivedOn": None,
        "createdOn": created,
        "modifiedOn": created,
        "total": total,
        "tax": Decimal("0.0"),
        "shipping": Decimal("0.0"),
        "summary": "",
        "items": [
            {
                "id": id * 10,
                "skuId": 6_002,
                "description": "Paint, five gallons",
                "createdOn": created,
                "modifiedOn": created,
                "skuName": "PAINT-GALLON",
                "skuCode": "PG5",
                "skuType": "Material",
                "vendorPartNumber": "",
                "quantity": Decimal("1.0"),
                "quantityReceived": Decimal("1.0"),
                "cost": total,
                "total": total,
                "serialNumbers": [],
                "status": "Received",
                "chargeable": False,
                "budgetCodeId": None,
            }
        ],
        "customFields": None,
    } | fields


def return_(
    id: int,
    purchase_order_id: int | None,
    job_id: int | None,
    unit_id: int,
    day: str,
    created: str,
    amount: Decimal,
    **fields,
) -> Record:
    return {
        "id": id,
        "active": True,
        "number": f"R-{id % 10_000_000}",
        "referenceNumber": "",
        "status": "CreditReceived",
        "vendorId": 801,
        "purchaseOrderId": purchase_order_id,
        "jobId": job_id,
        "projectId": None,
        "budgetCodeId": None,
        "businessUnitId": unit_id,
        "inventoryLocationId": None,
        "createdById": CREATED_BY,
        "memo": None,
        "returnAmount": amount,
        "taxAmount": Decimal("0.0"),
        "shippingAmount": Decimal("0.0"),
        "returnDate": calendar_date(day),
        "returnedOn": None,
        "creditReceivedOn": None,
        "createdOn": created,
        "modifiedOn": created,
        "batchId": None,
        "batch": None,
        "syncStatus": "Posted",
        "canceledById": None,
        "canceledReason": None,
        "dateCanceled": None,
        "items": [],
        "customFields": None,
        "externalData": None,
    } | fields


def inventory_bill(
    id: int,
    purchase_order_id: int | None,
    job: Record | None,
    unit: Unit,
    day: str,
    created: str,
    amount: str,
    **fields,
) -> Record:
    return {
        "id": id,
        "purchaseOrderId": purchase_order_id,
        "syncStatus": "Exported",
        "referenceNumber": f"B-{id % 10_000_000}",
        "vendorNumber": None,
        "summary": None,
        "billDate": calendar_date(day),
        "billAmount": amount,
        "taxAmount": "0.00",
        "shippingAmount": "0.00",
        "createdBy": "office",
        "createdOn": created,
        "modifiedOn": created,
        "termName": None,
        "dueDate": None,
        "shipToDescription": None,
        "postDate": calendar_date(day),
        "batch": None,
        "businessUnit": named(unit.id, unit.name),
        "taxZone": None,
        "vendor": named(801, "Sample Paint Supply"),
        "shipTo": None,
        "budgetCodeId": None,
        "items": [],
        "customFields": None,
        "jobId": job and job["id"],
        "jobNumber": job and job["jobNumber"],
        "active": True,
    } | fields
