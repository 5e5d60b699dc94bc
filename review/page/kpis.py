"""What the page says of each KPI beside its number."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Kpi:
    """`unit`: dollars, count or percent. `adds_up`: as in macros/kpis.sql. `better`: up or down.
    `parts`: what a record adds to the number and, of a ratio, to what it is divided by."""

    name: str
    title: str
    unit: str
    adds_up: str
    better: str
    parts: tuple[str, ...]

    def as_data(self) -> dict:
        return asdict(self)


KPIS = (
    Kpi("lead_count", "Leads", "count", "distinct", "up", ("Customers",)),
    Kpi("total_booked", "Total booked", "dollars", "sum", "up", ("Amount",)),
    Kpi("dollars_produced", "Dollars produced", "dollars", "sum", "up", ("Amount",)),
    Kpi("gpm_percent", "Gross margin", "percent", "ratio", "up", ("Margin", "Revenue")),
    Kpi("dollars_collected", "Dollars collected", "dollars", "sum", "up", ("Amount",)),
    Kpi("num_estimates", "Estimates", "count", "count", "up", ("Estimates",)),
    Kpi("close_rate_percent", "Close rate", "percent", "ratio", "up", ("Sold", "Opportunities")),
    Kpi("future_bookings", "Future bookings", "dollars", "balance", "up", ("Amount",)),
    Kpi("warranty_percent", "Warranty", "percent", "ratio", "down", ("Warranty cost", "Produced")),
    Kpi("outstanding_ar", "Outstanding A/R", "dollars", "balance", "down", ("Owed",)),
)
NAMES = tuple(kpi.name for kpi in KPIS)
BALANCES = tuple(kpi.name for kpi in KPIS if kpi.adds_up == "balance")
