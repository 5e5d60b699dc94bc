"""Every hard case of the definitions page: a few planted records each, and how a naive rule errs.

A case is a function that plants its records through the desk and hands back the naive reading of
them: which record a simpler rule would read otherwise, overlook, or make up. Held against the
oracle, that reading moves the number that the case names; `tests/simulator/test_cases.py` proves
it for each. So the modules of this folder can be read as the small print of the ten KPIs.
"""

from simulator.cases import (
    bookings,
    cash,
    costs,
    leads,
    opportunities,
    production,
    receivables,
    sales,
)
from simulator.cases.desk import Case, Desk, Planted

MODULES = (leads, sales, opportunities, production, costs, bookings, cash, receivables)

CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.CASES)


def plant(desk: Desk) -> list[Planted]:
    """Plant every case that the tenant's last year has room for, in the order of CASES."""
    return [planted for case in CASES if (planted := desk.plant(case))]


__all__ = ["CASES", "Case", "Desk", "Planted", "plant"]
