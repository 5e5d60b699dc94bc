"""What a warehouse of the extractor holds, comparable whichever it is."""

import json
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

from extract.warehouse.bigquery import BigQuery
from extract.warehouse.duckdb import DuckDB

ALL_DIGITS = Context(prec=38)


def in_duckdb(warehouse: DuckDB, name: str, types: dict[str, str]) -> list[dict[str, Any]]:
    columns = ", ".join(
        f'"{c}"::varchar' if kind in ("instant", "json", "decimal") else f'"{c}"'
        for c, kind in types.items()
    )
    found = warehouse.query(f"select {columns} from {warehouse._schema}.{name}")
    return _comparable(found, types)


def in_bigquery(warehouse: BigQuery, name: str, types: dict[str, str]) -> list[dict[str, Any]]:
    columns = ", ".join(
        f"to_json_string(`{c}`)" if kind == "json" else f"`{c}`" for c, kind in types.items()
    )
    found = warehouse._to.query(f"select {columns} from {warehouse._to.quoted(name)}")
    return _comparable(map(tuple, found), types)


def _comparable(found, types: dict[str, str]) -> list[dict[str, Any]]:
    def value(kind: str, said: Any) -> Any:
        if kind == "instant" and isinstance(said, str):
            return datetime.fromisoformat(said)
        if kind == "decimal" and said is not None:
            return ALL_DIGITS.normalize(Decimal(said))
        return json.loads(said or "null") if kind == "json" else said

    rows = [
        {name: value(kind, said) for (name, kind), said in zip(types.items(), row, strict=True)}
        for row in found
    ]
    return sorted(rows, key=repr)
