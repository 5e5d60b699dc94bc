"""Pages by number and size, asked for in the query string."""

from typing import Any

from simulator.lists import BadParameter
from simulator.store import Record


def page_of(rows: list[Any], params: dict[str, str], default: int, largest: int) -> Record:
    """The envelope of the asked page with its share of the rows. Raises BadParameter."""
    page = _whole(params, "page", 1, None)
    size = _whole(params, "pageSize", default, largest)
    first = (page - 1) * size
    return {
        "page": page,
        "pageSize": size,
        "hasMore": first + size < len(rows),
        "totalCount": len(rows) if params.get("includeTotal", "").lower() == "true" else None,
        "data": rows[first : first + size],
    }


def _whole(params: dict[str, str], name: str, default: int, largest: int | None) -> int:
    text = params.get(name, str(default))
    if not text.isdecimal() or int(text) < 1 or (largest and int(text) > largest):
        bound = f"to {largest}" if largest else "and up"
        raise BadParameter(name, f"The value '{text}' is not valid: 1 {bound}.")
    return int(text)
