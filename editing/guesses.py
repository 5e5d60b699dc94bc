"""What a unit or a job type that no seed knows most likely is, judged by its name alone.

Each guess is the cells of a row, without the name, and why; the why goes into the note, so that
nobody takes a guess for a decision.
"""

import re
from collections import Counter
from collections.abc import Mapping
from difflib import SequenceMatcher

Row = Mapping[str, str]

# difflib's measure from which on two names are taken for one, spelt otherwise: Tuscon is Tucson
# (0.83), Tulsa is not (0.55).
ALIKE = 0.8
# Of a long name the words differ that matter (RES, COMM), so that more has to be equal.
TYPES_ALIKE = 0.93
# The part of the types with a word that have to be in one list.
MOST = 2 / 3
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def of_unit(name: str, rows: list[Row]) -> tuple[dict[str, str], str]:
    """The row for a unit. What cannot be guessed is empty, which seeds-check refuses."""
    words = _words(name)
    kinds = sorted({row["unit_kind"] for row in rows} & set(words))
    kind = kinds[0] if len(kinds) == 1 else ""
    own = [word for word in words if word != kind]
    same_kind = [row for row in rows if row["unit_kind"] == kind]

    def own_words(row: Row) -> list[str]:
        return [word for word in _words(row["business_unit_name"]) if word != kind]

    near = max(same_kind, key=lambda row: _likeness(own, own_words(row)), default=None)
    if near and _likeness(own, own_words(near)) >= ALIKE:
        return _as(near), f'spelt nearly like "{near["business_unit_name"]}"'
    held = [row for row in same_kind if own_words(row) and set(own_words(row)) <= set(own)]
    if held:
        longest = max(held, key=lambda row: len(own_words(row)))
        return _as(longest), f'it has the words of "{longest["business_unit_name"]}"'
    cells = {"reporting_unit": name, "unit_kind": kind, "region": "", "region_name": ""}
    reasons = [f'"{kind}" stands in its name'] if kind else []
    for row in rows:
        place = _words(row["region_name"])
        if place and set(place) <= set(own):
            cells |= {"region": row["region"], "region_name": row["region_name"]}
            reasons.append(f'"{row["region_name"]}" stands in its name')
            break
    return cells, " and ".join(reasons) or "no unit is called like it"


def of_job_type(name: str, rows: list[Row]) -> tuple[dict[str, str], str]:
    """The list of a job type: that of the type spelt nearly alike, else of most with a word of its
    name, else none, which changes no number."""
    words = _words(name)
    near = max(rows, key=lambda row: _likeness(words, _words(row["job_type_name"])), default=None)
    if near and _likeness(words, _words(near["job_type_name"])) >= TYPES_ALIKE:
        return {"list_name": near["list_name"]}, f'spelt nearly like "{near["job_type_name"]}"'
    for word in words:
        lists = Counter(r["list_name"] for r in rows if word in _words(r["job_type_name"]))
        for list_name, times in lists.most_common(1):
            if times >= MOST * lists.total():
                return {"list_name": list_name}, (
                    f'{times} of {lists.total()} types with "{word}" are in list {list_name}'
                )
    return {"list_name": "none"}, "no type is called like it"


def _as(row: Row) -> dict[str, str]:
    return {name: row[name] for name in ("reporting_unit", "unit_kind", "region", "region_name")}


def _words(name: str) -> list[str]:
    return [word.replace("’", "'") for word in WORD.findall(name.lower())]


def _likeness(one: list[str], other: list[str]) -> float:
    return SequenceMatcher(None, " ".join(one), " ".join(other), autojunk=False).ratio()
