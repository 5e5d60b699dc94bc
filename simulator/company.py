"""The invented contractor: branches, business units, job types, campaigns.

The unit and job type names are those of the definitions page in the API's spelling, because the
models must recognise them; people, customers and streets are invented and look it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A business unit as the settings API knows it."""

    id: int
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class JobType:
    """A job type; `sold_threshold` in dollars, None where any sold estimate converts the job."""

    id: int
    name: str
    group: str
    active: bool = True
    sold_threshold: int | None = None
    no_charge: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch: its share of the leads, the size of its tickets, and its pairs of units.

    `older` is a second pair under another name that took `older_share` of the branch's work.
    """

    code: str
    city: str
    state: str
    share: float
    ticket: float
    sales: Unit
    production: Unit
    older_sales: Unit | None = None
    older_production: Unit | None = None
    older_share: float = 0.0


def _unit(number: int, name: str, active: bool = True) -> Unit:
    return Unit(4_100 + number, name, active)


# The older pair of Phoenix is the retired West branch; the older one of Albuquerque is merely
# another spelling that one office still books under.
BRANCHES = (
    Branch(
        "PHX",
        "Phoenix",
        "AZ",
        0.34,
        1.0,
        _unit(1, "Phoenix-Sales"),
        _unit(2, "Phoenix-Production"),
        _unit(3, "Z-DO NOT USE - West - Sales", active=False),
        _unit(4, "Z-DO NOT USE - West- Production", active=False),
        0.22,
    ),
    Branch(
        "TUC", "Tucson", "AZ", 0.13, 0.9, _unit(5, "Tucson-Sales"), _unit(6, "Tucson-Production")
    ),
    Branch(
        "NEV",
        "Las Vegas",
        "NV",
        0.16,
        1.05,
        _unit(7, "Nevada-Sales"),
        _unit(8, "Nevada-Production"),
    ),
    Branch(
        "ANDYS",
        "Albuquerque",
        "NM",
        0.14,
        0.85,
        _unit(9, "Andy's Painting-Sales"),
        _unit(10, "Andy’s Painting-Production"),
        _unit(11, "Andy's Painting Sales"),
        None,
        0.15,
    ),
    Branch(
        "GUAR_TX",
        "Dallas",
        "TX",
        0.12,
        0.95,
        _unit(12, "Guaranteed Painting-Sales"),
        _unit(13, "Guaranteed Painting-Production"),
    ),
    Branch(
        "COMM_AZ",
        "Phoenix",
        "AZ",
        0.11,
        2.6,
        _unit(14, "Commercial-AZ-Sales"),
        _unit(15, "Commercial-AZ-Production"),
    ),
)

# The tables of names say nothing of this one: a branch that opened before its seed row was written.
UNKNOWN_UNIT = _unit(16, " Yuma Startup\u00a0")

BRANCH_UNITS = tuple(
    unit
    for branch in BRANCHES
    for unit in (branch.sales, branch.production, branch.older_sales, branch.older_production)
    if unit
)

UNITS = (*BRANCH_UNITS, UNKNOWN_UNIT)

UNIT = {unit.name: unit for unit in UNITS}


def _types() -> tuple[JobType, ...]:
    rows = (
        # Estimates of houses, then of commercial buildings, then of special work.
        ("ESTIMATE-RES-EXT", "res"),
        ("ESTIMATE-RES-INT", "res"),
        ("ESTIMATE-RES-EXT/INT", "res"),
        ("ESTIMATE-RES-HOA", "res"),
        ("ESTIMATE -RES-EXT-PRE 1960", "res"),
        ("ESTIMATE -RES-INT/EXT-PRE 1960", "res"),
        ("Estimate", "res"),
        ("ESTIMATE-COMM-EXT", "comm"),
        ("ESTIMATE-COMM-INT", "comm"),
        ("ESTIMATE-COMM-EXT/INT", "comm"),
        ("ESTIMATE-COMM-PLANBID", "comm"),
        ("ESTIMATE-COMM-Striping", "comm"),
        ("Cabinets", "special"),
        ("Estimate- Cabinets", "special"),
        ("Estimate- Exterior PLUS Int Cabinets", "special"),
        ("Estimate- Interior PLUS Cabinets", "special"),
        ("Estimate-RES-INT/EXT Plus Cabinets", "special"),
        ("ESTIMATE-FLOOR COATINGS-EPOXY", "special"),
        ("ESTIMATE-FLOOR COATING-H&C Coatings", "special"),
        ("ESTIMATE-POPCORN", "special"),
        ("ESTIMATE- WINDOW WASHING", "special"),
        # Production.
        ("Production-RES-EXT", "production-res"),
        ("Production-RES-INT", "production-res"),
        ("Production-RES-EXT/INT", "production-res"),
        ("Production-Cabinet", "production-res"),
        ("Production-Cabinet+Interior", "production-res"),
        ("Production-COMM-EXT", "production-comm"),
        ("Production-COMM-INT", "production-comm"),
        ("Production-COMM-EXT/INT", "production-comm"),
        ("Carpentry", "carpentry"),
        # What production does besides.
        ("Warranty", "warranty"),
        ("Touchup", "warranty"),
        ("Window/Solar-Touchup", "touchup"),
        ("PM Inspection", "inspection"),
        ("Safety Inspection", "inspection"),
        ("Window/Solar Washing", "washing"),
        ("Company Training ", "training"),
        # No list of the office names this one.
        ("Color Consultation", "unlisted"),
        # An old copy of a listed type, typed with another dash and a second blank, since retired.
        ("Estimate–Res–Ext", "retired"),
        ("Estimate–  Cabinets", "retired"),
    )
    retired = {"Estimate–Res–Ext", "Estimate–  Cabinets", "ESTIMATE-POPCORN", "Estimate"}
    thresholds = {"ESTIMATE-COMM-PLANBID": 5000, "ESTIMATE-FLOOR COATINGS-EPOXY": 1500}
    no_charge = {"warranty", "training", "inspection"}
    return tuple(
        JobType(
            2_001 + n, name, group, name not in retired, thresholds.get(name), group in no_charge
        )
        for n, (name, group) in enumerate(rows)
    )


JOB_TYPES = _types()

JOB_TYPE = {job_type.name: job_type for job_type in JOB_TYPES}

# name, category, active
CAMPAIGNS = (
    ("Web search", "Online", True),
    ("Maps listing", "Online", True),
    ("Social posts", "Online", True),
    ("Door hangers", "Print", True),
    ("Yard signs", "Print", True),
    ("Home show", "Events", True),
    ("Referral", "Referral", True),
    ("Past customer", "Referral", True),
    ("Radio spot 2019", "Broadcast", False),
    ("Property managers", "Commercial", True),
)
