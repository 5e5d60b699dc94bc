"""What the office says about its units and job types, as the definitions page lists it.

The oracle reads it here and not in the project's seeds on purpose: a wrong row in a seed then shows
as a difference between the two instead of being wrong in both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

SALES = "sales"
PRODUCTION = "production"
UNMAPPED = "unmapped"


class Unit(NamedTuple):
    """A reporting unit: where a number stands after retired and misspelt units are combined."""

    name: str
    kind: str
    region: str


class ListedType(NamedTuple):
    """A job type, by its name in ServiceTitan, and the list it is in from the first to the last of
    these days, both included."""

    name: str
    job_type_list: str
    first_day: date = date.min
    last_day: date = date.max


class ListRule(NamedTuple):
    """One row of “which list filters which KPI”: `use` is `only` (nothing but the jobs of these
    types) or `without` (all but the jobs of these types). It holds on these days."""

    kpi: str
    job_type_list: str
    use: str
    first_day: date = date.min
    last_day: date = date.max


@dataclass(frozen=True)
class Rules:
    """units: name in ServiceTitan -> reporting unit; job_types: which type is in which list;
    list_rules: which list filters which KPI. Names are matched as the ground rules say."""

    units: Mapping[str, Unit]
    job_types: tuple[ListedType, ...]
    list_rules: tuple[ListRule, ...]


_PHOENIX_SALES = Unit("Phoenix-Sales", SALES, "PHX")
_PHOENIX_PRODUCTION = Unit("Phoenix-Production", PRODUCTION, "PHX")
_ANDYS_SALES = Unit("Andy's Painting-Sales", SALES, "ANDYS")

_UNITS = {
    "Phoenix-Sales": _PHOENIX_SALES,
    "Phoenix-Production": _PHOENIX_PRODUCTION,
    "Z-DO NOT USE - West - Sales": _PHOENIX_SALES,
    "Z-DO NOT USE - West- Production": _PHOENIX_PRODUCTION,
    "Tucson-Sales": Unit("Tucson-Sales", SALES, "TUC"),
    "Tucson-Production": Unit("Tucson-Production", PRODUCTION, "TUC"),
    "Nevada-Sales": Unit("Nevada-Sales", SALES, "NEV"),
    "Nevada-Production": Unit("Nevada-Production", PRODUCTION, "NEV"),
    "Andy's Painting-Sales": _ANDYS_SALES,
    "Andy's Painting Sales": _ANDYS_SALES,
    "Andy's Painting-Production": Unit("Andy's Painting-Production", PRODUCTION, "ANDYS"),
    "Guaranteed Painting-Sales": Unit("Guaranteed Painting-Sales", SALES, "GUAR_TX"),
    "Guaranteed Painting-Production": Unit("Guaranteed Painting-Production", PRODUCTION, "GUAR_TX"),
    "Commercial-AZ-Sales": Unit("Commercial-AZ-Sales", SALES, "COMM_AZ"),
    "Commercial-AZ-Production": Unit("Commercial-AZ-Production", PRODUCTION, "COMM_AZ"),
}

_JOB_TYPES_BY_LIST = {
    "estimate": (
        "ESTIMATE- WINDOW WASHING",
        "Estimate",
        "Cabinets",
        "Estimate, Cabinets",  # the office's word for the next one
        "Estimate- Cabinets",
        "Estimate- Exterior PLUS Int Cabinets",
        "Estimate- Interior PLUS Cabinets",
        "ESTIMATE -RES-EXT-PRE 1960",
        "ESTIMATE -RES-INT/EXT-PRE 1960",
        "ESTIMATE-COMM-EXT",
        "ESTIMATE-COMM-EXT/INT",
        "ESTIMATE-COMM-INT",
        "ESTIMATE-COMM-PLANBID",
        "ESTIMATE-COMM-Striping",
        "ESTIMATE-FLOOR COATING-EPOXY",  # the office's word for the next one
        "ESTIMATE-FLOOR COATINGS-EPOXY",
        "ESTIMATE-FLOOR COATING-H&C Coatings",
        "ESTIMATE-POPCORN",
        "ESTIMATE-RES-EXT",
        "ESTIMATE-RES-EXT/INT",
        "ESTIMATE-RES-HOA",
        "ESTIMATE-RES-INT",
        "Estimate-RES-INT/EXT Plus Cabinets",
    ),
    "excluded": ("PM Inspection", "Safety Inspection", "Window/Solar Washing"),
    "warranty": ("Warranty", "Touchup"),
    "none": (
        "Production-RES-EXT",
        "Production-RES-INT",
        "Production-RES-EXT/INT",
        "Production-COMM-EXT",
        "Production-COMM-INT",
        "Production-COMM-EXT/INT",
        "Production-Cabinet",
        "Production-Cabinet+Interior",
        "Window/Solar-Touchup",
        "Company Training ",
        "Carpentry",
    ),
}

RULES = Rules(
    units=_UNITS,
    job_types=tuple(
        ListedType(name, listed) for listed, names in _JOB_TYPES_BY_LIST.items() for name in names
    ),
    list_rules=(
        ListRule("lead_count", "estimate", "only"),
        ListRule("num_estimates", "estimate", "only"),
        ListRule("dollars_produced", "excluded", "without"),
        ListRule("gpm_percent", "excluded", "without"),
        ListRule("future_bookings", "excluded", "without"),
        ListRule("warranty_percent", "warranty", "only"),
    ),
)
