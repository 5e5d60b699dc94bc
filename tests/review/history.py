"""The story of a warehouse: what was built when, from which records, and what was pasted.

Builds, each kept as a file of its own afterwards:

    bare     without snapshots, as `dbt seed` and `dbt run` would: nothing has history yet
    first    the first build with history, as of DAY
    (half)   records changed, and a build that broke off between the snapshots
    second   records changed, as of the next day; more values pasted, some of them late
    third    as of today, with --full-refresh: the thirteen weeks have moved on past all of that
    again    the same, but for one sale of today
    back     as of the day of `second` once more
"""

import copy
import csv
import os
import pickle
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from extract import config
from extract.warehouse import open_warehouse
from extract.warehouse.reports import ReportRow, ReportRun
from simulator import oracle
from simulator.oracle.book import APPLIES_TO, applies
from simulator.oracle.rollup import FLOWS
from tests.parity.random_records import draw
from tests.parity.warehouse import PROJECT, copy_project, land_records

PROFILES = PROJECT / "tests" / "parity"
DAY = date(2025, 11, 5)
NEXT_DAY = DAY + timedelta(days=1)
WINDOW = timedelta(days=90)
ZONE = ZoneInfo("America/Phoenix")
PULLED = "2025-11-06 08:15"
HEADER = (
    *("report", "period_start", "period_end", "business_unit_or_region"),
    *("kpi", "value", "pulled_at", "note"),
)
TOLERANCE = {"dollars_produced": "1.50"}

SALES, PRODUCTION, MARGIN = "Tucson-Sales", "Tucson-Production", "Nevada-Production"
UNIT_IDS = {SALES: 9010, PRODUCTION: 9011, MARGIN: 9012}
ESTIMATE_TYPE, WORK_TYPE = 9001, 9002


@dataclass
class Story:
    """The warehouse as it was after each build, and what the oracle says of its records."""

    folder: Path
    today: date
    as_of: dict[str, date]
    records: dict[str, oracle.Records]

    def said(self, build: str) -> str:
        """What dbt printed."""
        return (self.folder / f"{build}.txt").read_text()

    def file(self, build: str) -> Path:
        return self.folder / build / "kpis.duckdb"  # views name their file

    def rows(self, build: str, query: str, *values: object) -> list[tuple]:
        with duckdb.connect(str(self.file(build)), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query, values).fetchall()

    def built_at(self, build: str) -> datetime:
        """When the newest build that kept history began."""
        return self.rows(build, "select max(built_at) from st_history.kpi_builds")[0][0]

    def parity(self, build: str) -> dict[str, list]:
        """Per note of the seed: reported value, our value, status, our value now, built at."""
        query = """
            select note, reported_value, our_value, status, our_value_now, built_at
            from st_mart.report_parity inner join st_staging.stg_report_values
                using (reported_value_id)
        """
        return {note: rest for note, *rest in self.rows(build, query)}

    def cells(self, build: str, as_of: date | None = None) -> dict[tuple, object]:
        """KPI, day and unit -> value, by the oracle: the cells of daily_kpis that a build of
        `as_of` keeps (default: its own), from the records of `build`."""
        as_of = as_of or self.as_of[build]
        return {
            (kpi, row["event_date"], row["business_unit"]): row[kpi]
            for row in oracle.daily_kpis(self.records[build], as_of=as_of)
            for kpi in APPLIES_TO
            if row["event_date"] >= as_of - WINDOW
            and (kpi in FLOWS or row["event_date"] == as_of)
            and applies(kpi, kind_of(row["business_unit"]))
        }


def ours(ledger: oracle.Ledger, kpi: str, place: str, first: date, last: date):
    """What the oracle says, for any period and any unit, region or the company."""

    def here(unit) -> bool:
        return place == "Company" or place in (unit.name, unit.region)

    with localcontext(oracle.EXACT):
        if kpi in FLOWS:
            return FLOWS[kpi].value(
                [r for r in ledger.counted[kpi] if here(r.unit) and first <= r.day <= last]
            )
        return sum(
            (
                amount.amount
                for amount in ledger.standing[kpi]
                if here(amount.unit) and amount.first_day <= last <= (amount.last_day or date.max)
            ),
            Decimal(0),
        )


def kind_of(unit: str) -> str:
    ends = {"Sales": "sales", "Production": "production"}
    return ends.get(unit.rpartition("-")[2], "unmapped")


def story_in(folder: Path) -> Story:
    """Tell the story in `folder`, in a process of its own: dbt works in its current folder, reads
    the environment and prints."""
    environment = os.environ | {"KPI_DUCKDB_PATH": str(folder / "kpis.duckdb")}
    run = subprocess.run(
        [sys.executable, "-m", "tests.review.history", folder],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return Story(folder, **pickle.loads((folder / "story").read_bytes()))


def tell(folder: Path) -> None:
    """Run all builds of the story in `folder`; what is said of them goes into files there."""
    telling = _Telling(folder)
    shown = first_records()
    telling.values = [*precise_values(), *every_value(shown)]
    telling.build("bare", shown, DAY, "--exclude-resource-type", "snapshot", "test", "unit_test")
    telling.build("first", shown, DAY)
    after_first = datetime.now(ZONE).strftime("%Y-%m-%d %H:%M:%S")
    telling.build("half", half_way(shown), NEXT_DAY, "--select", "+kpi_cells_history", *UNTESTED)
    telling.values = [*retyped(telling.values), *late_values(after_first)]
    changed = second_records(shown)
    telling.build("second", changed, NEXT_DAY)
    telling.values = [written_otherwise(row) for row in telling.values]
    today = datetime.now(ZONE).date()
    last = third_records(changed, today)
    telling.build("third", last, today, "--full-refresh", *UNTESTED)
    restated = ("--select", "+kpi_restatements", "kpi_builds", *UNTESTED)
    again = edited(last, "estimates", 8109, subtotal=Decimal(75))
    telling.build("again", again, today, *restated)
    telling.build("back", again, NEXT_DAY, *restated)
    told = {"today": today, "as_of": telling.as_of, "records": telling.records}
    (folder / "story").write_bytes(pickle.dumps(told))


class _Telling:
    """One project, parsed once, and one warehouse."""

    def __init__(self, folder: Path):
        self.folder, self.warehouse = folder, folder / "kpis.duckdb"
        self.project = copy_project(folder / "project")
        self.values: list[list[str]] = []
        self.as_of: dict[str, date] = {}
        self.records: dict[str, oracle.Records] = {}
        tolerances = self.project / "seeds" / "parity_tolerances.csv"
        for kpi, dollars in TOLERANCE.items():
            tolerances.write_text(tolerances.read_text().replace(f"{kpi},0,", f"{kpi},{dollars},"))
        self.manifest = dbtRunner().invoke(["parse", *self._settings()]).result

    def _settings(self) -> list[str]:
        folders = {"project": self.project, "profiles": PROFILES}
        words = [word for name, path in folders.items() for word in (f"--{name}-dir", str(path))]
        target = str(self.folder / "target")
        return ["--no-use-colors", *words, "--target-path", target, "--log-path", target]

    def build(self, name: str, records: oracle.Records, as_of: date, *words: str) -> None:
        land_records(records, self.warehouse)
        land_leads(self.warehouse)
        with (self.project / "seeds" / "report_values.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *self.values])
        with (self.folder / f"{name}.txt").open("w") as said:
            os.dup2(said.fileno(), sys.stdout.fileno())
        words = ["build", *(words or WHOLE), *self._settings()]
        words += ["--vars", f"{{as_of_date: {as_of}}}"]
        run = dbtRunner(manifest=self.manifest).invoke(words)
        DuckDBConnectionManager.close_all_connections()
        assert run.success, f"{name}: {run.exception or (self.folder / f'{name}.txt').read_text()}"
        self.as_of[name], self.records[name] = as_of, records
        (self.folder / name).mkdir()
        shutil.copy(self.warehouse, self.folder / name)


WHOLE = (
    *("--select", "resource_type:model", "resource_type:seed", "resource_type:snapshot"),
    *("warn_reported_values_are_off", "warn_kpis_without_reported_values"),
    *("--indirect-selection", "empty"),
)
UNTESTED = ("--exclude-resource-type", "test", "unit_test")


# -- the records --------------------------------------------------------------------------------


def first_records() -> oracle.Records:
    records = draw(21, jobs=120)
    records["business_units"] += [{"id": id, "name": name} for name, id in UNIT_IDS.items()]
    records["job_types"] += [
        {"id": ESTIMATE_TYPE, "name": "ESTIMATE-RES-INT"},
        {"id": WORK_TYPE, "name": "Production-RES-INT"},
    ]
    add_work(records, 8001, "AMOUNT", "2025-09-10", 1000, cost=400)
    add_work(records, 8002, "MOVE", "2025-09-12", 2000)
    add_work(records, 8003, "CANCEL", "2025-12-01", 3000)
    add_work(records, 8004, "GONE", "2025-10-20", 500)
    add_work(records, 8005, "PAID", "2025-10-21", 800)
    # margins of 37.6249, 37.625 and 37.6251 percent
    for n, cost in enumerate(("62.3751", "62.375", "62.3749")):
        add_work(records, 8011 + n, f"MARGIN-{n}", f"2025-10-{n + 1:02}", 100, cost, unit=MARGIN)
    add_sale(records, 8101, "SALE", "2025-10-15", 4000, sold=False)
    add_sale(records, 8102, "ABA", "2025-10-16", 100)
    add_sale(records, 8103, "FIRST-DAY", f"{DAY - WINDOW}", 60)
    add_sale(records, 8104, "OLDER", f"{DAY - WINDOW - timedelta(days=1)}", 61)
    add_sale(records, 8105, "HALF", "2025-10-17", 10)
    add_sale(records, 8110, "SWAP-1", "2025-10-18", 30)
    add_sale(records, 8111, "SWAP-2", "2025-10-18", 20)
    add_sale(records, 8106, "TWIN-1", "2025-10-22", 1, customer="One and the Same")
    add_sale(records, 8107, "TWIN-2", "2025-10-23", 1, customer="one and  the same", unit_id=10)
    return records


def half_way(shown: oracle.Records) -> oracle.Records:
    """What no finished build ever showed: ABA at 120. HALF has its 20 from here on."""
    half = edited(shown, "estimates", 8102, subtotal=Decimal(120))
    return edited(half, "estimates", 8105, subtotal=Decimal(20))


def second_records(shown: oracle.Records) -> oracle.Records:
    new = edited(shown, "invoices", 8001, subTotal="1200.00", total="1200.00")
    new = edited(new, "appointments", 8002, start="2025-10-03T16:00:00Z")
    new = edited(new, "jobs", 8003, jobStatus="Canceled")
    new = edited(new, "invoices", 8004, active=False)
    new = edited(new, "estimates", 8101, status={"value": 1, "name": "Sold"})
    new = edited(new, "estimates", 8101, soldOn="2025-10-15T16:00:00Z")
    new = edited(new, "estimates", 8102, subtotal=Decimal(150))
    new = edited(new, "estimates", 8104, subtotal=Decimal(71))
    new = edited(new, "estimates", 8105, subtotal=Decimal(20))
    new = edited(new, "estimates", 8110, subtotal=Decimal(20))
    new = edited(new, "estimates", 8111, subtotal=Decimal(30))
    add_sale(new, 8108, "LEAD", "2025-10-22", 5, sold=False)
    new["payments"] += [
        {
            "id": 8005,
            "date": "2025-10-25T00:00:00Z",
            "total": "300.00",
            "customerId": 8005,
            "businessUnit": {"id": UNIT_IDS[PRODUCTION]},
            "appliedTo": [{"appliedId": 1, "appliedTo": 8005, "appliedAmount": "300.00"}],
            "active": True,
        }
    ]
    return new


def third_records(changed: oracle.Records, today: date) -> oracle.Records:
    new = edited(changed, "estimates", 8102, subtotal=Decimal(100))
    new = edited(new, "estimates", 8105, subtotal=Decimal(30))
    new = edited(new, "estimates", 8110, subtotal=Decimal(40))
    add_sale(new, 8109, "TODAY", f"{today}", 70)
    return new


def add_work(
    records: oracle.Records,
    id: int,
    number: str,
    day: str,
    dollars: int,
    cost: object = 0,
    unit: str = PRODUCTION,
) -> None:
    """A job that starts on `day`, with its invoice of that day and its purchase order."""
    _add_job(records, id, number, UNIT_IDS[unit], WORK_TYPE, "2025-08-20", "Scheduled", number)
    records["appointments"] += [
        {"id": id, "jobId": id, "start": f"{day}T16:00:00Z", "unused": False, "active": True}
    ]
    records["invoices"] += [
        {
            "id": id,
            "invoiceDate": f"{day}T00:00:00Z",
            "subTotal": f"{dollars}.00",
            "total": f"{dollars}.00",
            "items": [],
            "job": {"id": id},
            "businessUnit": {"id": UNIT_IDS[unit]},
            "customer": {"id": id},
            "location": {"id": id},
            "active": True,
        }
    ]
    records["purchase_orders"] += [
        {"id": id, "jobId": id, "status": "Exported", "total": Decimal(cost), "tax": Decimal(0)}
    ]


def add_sale(
    records: oracle.Records,
    id: int,
    number: str,
    day: str,
    dollars: int,
    *,
    sold: bool = True,
    customer: str | None = None,
    unit_id: int = UNIT_IDS[SALES],
) -> None:
    """An estimate's job, created and completed on `day`; its estimate sold on it, or open."""
    name = customer or f"Buyer {number}"
    _add_job(records, id, number, unit_id, ESTIMATE_TYPE, day, "Completed", name)
    records["estimates"] += [
        {
            "id": id,
            "jobId": id,
            "status": {"value": 1, "name": "Sold"} if sold else {"value": 0, "name": "Open"},
            "soldOn": f"{day}T16:00:00Z" if sold else None,
            "subtotal": Decimal(dollars),
            "active": True,
        }
    ]


def _add_job(
    records: oracle.Records,
    id: int,
    number: str,
    unit_id: int,
    job_type: int,
    day: str,
    status: str,
    name: str,
) -> None:
    records["customers"] += [{"id": id, "name": name, "active": True}]
    records["locations"] += [{"id": id, "name": "Home", "customerId": id, "active": True}]
    records["jobs"] += [
        {
            "id": id,
            "jobNumber": number,
            "jobStatus": status,
            "createdOn": f"{day}T16:00:00Z",
            "completedOn": f"{day}T17:00:00Z" if status == "Completed" else None,
            "businessUnitId": unit_id,
            "jobTypeId": job_type,
            "customerId": id,
            "locationId": id,
            "noCharge": False,
            "firstAppointmentId": id,
            "active": True,
        }
    ]


def edited(records: oracle.Records, entity: str, id: int, **changes: object) -> oracle.Records:
    """A copy of the records with another version of one of them."""
    new = copy.deepcopy(records)
    position = next(n for n, record in enumerate(new[entity]) if record["id"] == id)
    new[entity][position] |= changes
    return new


# -- the reports --------------------------------------------------------------------------------


def land_leads(warehouse: Path) -> None:
    """A pulled report of leads of one week: three jobs, two customers, two units."""
    monday, sunday = date(2025, 10, 20), date(2025, 10, 26)
    run = ReportRun(
        run_id="leads-1",
        report="leads",
        layout="leads",
        source="api",
        file_name=None,
        report_id=7001,
        category="marketing",
        report_name="Leads",
        report_modified_at=datetime(2025, 1, 1, tzinfo=UTC),
        period_start=monday,
        period_end=sunday,
        parameters=[],
        fields=[],
        pulled_at=datetime(2025, 11, 6, 15, 15, tzinfo=UTC),
    )
    leads = [
        ("TWIN-1", SALES, "One and the Same"),
        ("TWIN-2", "Phoenix-Sales", "ONE and the same"),
        ("OTHER", SALES, "Somebody Else"),
        ("OTHER-2", SALES, "somebody  else"),
    ]
    rows = [
        ReportRow(
            {},
            {
                "job_number": number,
                "event_date": monday,
                "business_unit_name": unit,
                "customer_name": customer,
                "job_type_name": "Estimate",
            },
        )
        for number, unit, customer in leads
    ]
    settings = config.Warehouse("dev", warehouse, "st_raw_v2")
    with closing(open_warehouse(settings)) as opened:
        opened.land_report(run, rows)


def row(report, first, last, place, kpi, value, pulled, note) -> list[str]:
    return [report, str(first), str(last), place, kpi, value, pulled, note]


# Periods that are no weeks, and the places that the random records and the planted ones fill.
PERIODS = [
    (date(2025, 10, 15), date(2025, 10, 17)),
    (date(2025, 9, 1), date(2025, 10, 31)),
    (date(2024, 2, 29), DAY),
    (DAY, DAY),
]
PLACES = [
    *(SALES, PRODUCTION, "Phoenix-Sales", "Phoenix-Production", "Andy's Painting-Production"),
    *("Unheard-of Unit", "(no business unit)", "PHX", "TUC", "ANDYS", "(no region)", "Company"),
]


def every_value(records: oracle.Records) -> list[list[str]]:
    """The oracle's value of every KPI, odd period and place, printed with all its decimals."""
    ledger = oracle.ledger(records, as_of=DAY)
    found = {
        (kpi, place, first, last): ours(ledger, kpi, place, first, last)
        for kpi in APPLIES_TO
        for place in PLACES
        if applies(kpi, kind_of(place))
        for first, last in PERIODS
    }
    return [
        row("Oracle", first, last, place, kpi, printed(value), PULLED, f"{kpi} {place} {first}")
        for (kpi, place, first, last), value in found.items()
        if value is not None
    ]


def printed(value: int | Decimal | float) -> str:
    """With all decimals that are sure: a double of millions of percent has no nine of them."""
    if isinstance(value, float):
        return f"{value:.9f}%" if abs(value) < 1000 else f"{value:.2f}%"
    return f"{value:f}"


# as printed -> its status, per day of MARGIN, whose margins are 37.6249, 37.625 and 37.6251
PRECISE = {
    1: {"37.62%": "exact", "37.63%": "off", "37.6": "exact", "37.7": "off", "38%": "exact"},
    2: {"37.62%": "exact", "37.63%": "exact", "37.61": "off", "37.625": "exact"},
    3: {"37.62%": "off", "37.63%": "exact", "37.6%": "exact", "37.6250": "off"},
}
PRODUCED = {
    "$100.00": "exact",
    "$98.50": "near",
    "101.5": "near",
    "98.49": "off",
    "99.6": "near",
    "(100.00)": "off",
    "$100": "exact",
}
MARGIN_OF_NOTHING = "no denominator"


def precise_values() -> list[list[str]]:
    def of(day: int, kpi: str, text: str, note: str) -> list[str]:
        when = date(2025, 10, day)
        return row(f"Precise {text}", when, when, MARGIN, kpi, text, PULLED, note)

    return [
        *(
            of(day, "gpm_percent", text, f"margin {day} {text}")
            for day, texts in PRECISE.items()
            for text in texts
        ),
        *(of(1, "dollars_produced", text, f"produced {text}") for text in PRODUCED),
        of(9, "gpm_percent", "0.00%", MARGIN_OF_NOTHING),
    ]


def retyped(values: list[list[str]]) -> list[list[str]]:
    """The typing error of an analyst, mended: the margin of the first day is 37.62, not 37.7."""
    return [
        [*value[:5], "37.62%", *value[6:]] if value[7] == "margin 1 37.7" else value
        for value in values
    ]


# What is pasted only at the second build: note, KPI, place, first and last day, and the build whose
# records it is held against.
WEEK = (date(2025, 10, 20), date(2025, 10, 26))
LATE: list[tuple[str, str, str, date, date, str]] = [
    ("late flow", "total_booked", SALES, date(2025, 10, 13), date(2025, 10, 19), "first"),
    ("late flow of a region", "total_booked", "TUC", date(2025, 10, 13), NEXT_DAY, "second"),
    ("late ratio", "gpm_percent", PRODUCTION, date(2025, 9, 1), date(2025, 9, 30), "first"),
    ("late leads", "lead_count", SALES, *WEEK, "first"),
    ("late leads of the company", "lead_count", "Company", *WEEK, "first"),
    ("late bookings", "future_bookings", PRODUCTION, DAY, DAY, "first"),
    ("late receivables", "outstanding_ar", "Tucson", DAY, DAY, "first"),
    ("receivables of another day", "outstanding_ar", "TUC", *[date(2025, 10, 31)] * 2, "second"),
    ("older", "total_booked", SALES, date(2025, 8, 1), date(2025, 8, 20), "second"),
    ("the first day kept", "total_booked", SALES, DAY - WINDOW, DAY, "first"),
    ("a day that only the second knew", "total_booked", SALES, NEXT_DAY, NEXT_DAY, "second"),
]
AFTER_FIRST = "pulled after the first"


def late_values(after_first: str) -> list[list[str]]:
    late = [
        row("Late", first, last, place, kpi, "0", PULLED, note)
        for note, kpi, place, first, last, _ in LATE
    ]
    _, kpi, place, first, last, _ = LATE[0]
    return [*late, row("Late", first, last, place, kpi, "0", after_first, AFTER_FIRST)]


def written_otherwise(value: list[str]) -> list[str]:
    """The same row as a spreadsheet saves it."""

    def american(text: str) -> str:
        day, _, time = text.partition(" ")
        return f"{date.fromisoformat(day):%m/%d/%Y} {time}".strip()

    report, first, last, place, kpi, number, pulled, note = value
    return [report, american(first), american(last), place, kpi, number, american(pulled), note]


if __name__ == "__main__":
    tell(Path(sys.argv[1]))
