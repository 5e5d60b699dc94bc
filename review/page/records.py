"""The records behind the numbers, small: columns instead of rows, each text once.

A record of a flow says the day of its week, a part of a balance the weeks in which it stands, so
that an invoice that is owed for thirteen weeks is there once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from decimal import Decimal

from review.page.kpis import BALANCES, NAMES
from review.page.weeks import Weeks

CENT = Decimal("0.01")
LINE = "receivable line"  # its id says in words what it is


class _Numbered:
    """Things once each, in the order in which they came."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def __getitem__(self, thing: Hashable) -> int:
        return self._numbers.setdefault(thing, len(self._numbers))

    def __iter__(self):
        return iter(self._numbers)


def packed(rows: list[tuple], weeks: Weeks) -> dict:
    """Rows as `reading.Tables.records` -> what the page's records.js reads:

    names, units, whys   the texts
    who                  job (its number, or what the record is where it has none) and customer
    kpis                 per KPI columns of equal length: `from`, `to` (numbers of detailed weeks in
                         which it counts), `day` (of a flow: 0 = Monday), `unit`, `who`, `why`,
                         `key` (what is counted once), `over` and `under` (cents, or 1)
    """
    names, units, whys, who, keys = (_Numbered() for _ in range(5))
    ends = [weeks.last_day(monday) for monday in weeks.detailed]
    columns = ("from", "to", "day", "unit", "who", "why", "key", "over", "under")
    kpis = {name: {column: [] for column in columns} for name in NAMES}
    for kpi, first, last, unit, kind, record, job, customer, key, over, under, why in rows:
        if kpi in BALANCES:
            start, stop, day = bisect_left(ends, first), bisect_right(ends, last) - 1, 0
        else:
            start = bisect_right(weeks.detailed, first) - 1
            stop, day = start, (first - weeks.detailed[start]).days if start >= 0 else 0
        if stop < start or start < 0 or day > 6:
            continue
        name = names[customer] if customer is not None else -1
        values = (
            *(start, stop - start, day, units[unit]),
            who[job or (record if kind == LINE else f"{kind} {record}"), name],
            whys[why],
            -1 if key is None else keys[key],
            _amount(over),
            _amount(under),
        )
        for column, value in zip(kpis[kpi].values(), values, strict=True):
            column.append(value)
    for of_kpi in kpis.values():
        for column, values in of_kpi.items():
            if len(set(values)) == 1 and len(values) > 1:
                of_kpi[column] = values[0]  # one value stands for all
    jobs, customers = [job for job, _ in who], [name for _, name in who]
    return {
        "weeks": [str(monday) for monday in weeks.detailed],
        "names": list(names),
        "units": list(units),
        "whys": list(whys),
        "who": {"job": jobs, "customer": customers},
        "kpis": kpis,
    }


def _amount(value: Decimal | int) -> int | float:
    cents = Decimal(value) / CENT
    return int(cents) if cents == cents.to_integral_value() else float(cents)
