"""An office whose lists change on a day: its seeds, the oracle's rules, records about that day.

Two types leave a list with the day before, two enter one with the day; one rule ends, one begins.
Each record that asks for the lists of its own day has its other days on the other side.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from simulator import Tenant
from simulator.cases import Case, Desk
from simulator.office import RULES, ListedType, ListRule, Rules

DAY = timedelta(days=1)

# Type -> its list until the day before, and from the day on.
TYPES = {
    "ESTIMATE-COMM-PLANBID": ("estimate", "none"),
    "Production-COMM-INT": ("none", "estimate"),
    "Carpentry": ("none", "excluded"),
    "Production-Cabinet+Interior": ("excluded", "none"),
    "Production-Cabinet": ("none", "warranty"),
}
ENDS = ("close_rate_percent", "excluded", "without")
BEGINS = ("total_booked", "excluded", "without")


def rules(day: date | None) -> Rules:
    """The office's rules with the change on `day`; None: as they are before it, on all days."""
    eve, types, list_rules = (day - DAY if day else date.max), [], [*RULES.list_rules]
    for name, (before, after) in TYPES.items():
        types.append(ListedType(name, before, last_day=eve))
        types += [ListedType(name, after, first_day=day)] if day else []
    list_rules.append(ListRule(*ENDS, last_day=eve))
    list_rules += [ListRule(*BEGINS, first_day=day)] if day else []
    undated = [row for row in RULES.job_types if row.name not in TYPES]
    return replace(RULES, job_types=(*undated, *types), list_rules=tuple(list_rules))


def edit_seeds(project: Path, day: date | None) -> None:
    """The same in the seeds of a copy of the project, whose seeds are as they are committed."""
    job_type_lists, kpi_lists = (
        project / "seeds" / name for name in ("job_type_lists.csv", "kpi_lists.csv")
    )
    lines = job_type_lists.read_text().splitlines()
    lines = [line for line in lines if line.split(",")[0] not in TYPES]
    eve = day - DAY if day else ""
    for name, (before, after) in TYPES.items():
        lines.append(f"{name},{before},,{eve},")
        lines += [f"{name},{after},{day:%m/%d/%Y},,"] if day else []
    added = [f"{','.join(ENDS)},,{eve},", *([f"{','.join(BEGINS)},{day},,"] if day else [])]
    job_type_lists.write_text("\n".join(lines) + "\n")
    with kpi_lists.open("a") as file:
        file.writelines(f"{line}\n" for line in added)


def plant(tenant: Tenant, day: date) -> None:
    """Records on both sides of `day` into a tenant that is not served yet."""
    desk = Desk(tenant.store, tenant.ids, tenant.calendar, {})
    for about in (_sales, _production):
        desk.plant(Case(about.__name__, "any", "dated lists", partial(about, day=day)))


def _sales(desk: Desk, day: date) -> list:
    eve, later = day - DAY, day + DAY
    # a unit each, or the one that leaves its list would make up for the one that enters it
    for unit, of_type in (
        ("Phoenix-Sales", "ESTIMATE-COMM-PLANBID"),
        ("Nevada-Sales", "Production-COMM-INT"),
    ):
        desk.job(unit, of_type, eve - DAY, completed=desk.at(eve))
        desk.job(unit, of_type, eve, completed=desk.at(day))
        desk.job(unit, of_type, day, completed=desk.at(later))
    inspections = {"unit": "Tucson-Sales", "of_type": "PM Inspection"}
    sold_twice = desk.job(**inspections, day=eve - DAY, completed=desk.at(eve))
    for sold, cents in ((eve, 10_000), (day, 2_000)):
        desk.estimate(sold_twice, cents, desk.at(sold), "Tucson-Sales")
    sold_late = desk.job(**inspections, day=eve, completed=desk.at(eve))
    desk.estimate(sold_late, 300, desk.at(day), "Tucson-Sales")
    desk.job(**inspections, day=eve, completed=desk.at(day))
    desk.job(**inspections, day=eve, completed=desk.at(eve))
    return []


def _production(desk: Desk, day: date) -> list:
    cents = 100_000
    for of_type in ("Carpentry", "Production-Cabinet+Interior", "Production-Cabinet"):
        for start in (day - DAY, day, day + 30 * DAY):
            cents += 1_000
            job, _, _ = desk.painted(start, cents, of_type=of_type)
            desk.pay(job, 7_000)
    return []
