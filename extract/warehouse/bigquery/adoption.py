"""The SQL with which rows of the older system become rows of ours. It reads the old table and
writes ours; tables come quoted, old columns as {name: type} with ARRAY for repeated ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.cloud.bigquery import SchemaField

from extract.entities import EXTRA_FIELDS, INGESTED_AT, Column, Entity
from extract.warehouse.bigquery.statements import differ, quoted
from extract.warehouse.bigquery.tables import ALSO_CALLED, TYPES

# In _extra_fields: the old table that a row was adopted from. No row of the API has it.
MARK = "adopted_from"

_WHOLE_TYPES = ("FLOAT64", "NUMERIC", "BIGNUMERIC")
_CENTS = 2  # decimals of money
_NOISE = 5  # what a float adds to cents lies behind this decimal


@dataclass(frozen=True)
class Reading:
    """How a column of ours is read from the old columns `of`, as SQL about a row `old_row`.

    `value`: what lands; `lost`: whether the old row says something that cannot be converted, None
    where all can; `finer`: whether an amount loses decimals, None where it is no amount.
    """

    of: tuple[str, ...]
    value: str
    lost: str | None = None
    finer: str | None = None


def columns(fields: Iterable[SchemaField]) -> dict[str, str]:
    """The old columns as the functions here take them."""
    return {
        f.name: "ARRAY" if f.mode == "REPEATED" else ALSO_CALLED.get(f.field_type, f.field_type)
        for f in fields
    }


def readings(
    entity: Entity, key: str, renamed: Mapping[str, str], old: Mapping[str, str]
) -> dict[str, Reading]:
    """By our column's name, those that the old table can give. `key` is the old column of the key:
    nothing stands in for it."""
    found = {}
    for column in entity.columns:
        names = (key,) if column.name == entity.key else (renamed.get(column.name), column.name)
        reading = _reading(column, [name for name in names if name], old)
        if reading:
            found[column.name] = reading
    return found


def counts(ways: Mapping[str, Reading]) -> dict[str, str]:
    """What `count` counts, in its order, as name -> SQL.

    old_rows, without_id, ids; of the ids: from_api (they stay), adopted_before, healed (of these,
    those that would change), new. Of the rows that are or would be adopted, per column of `ways`:
    lost_x cannot be converted, empty_x are null, finer_x lose decimals.
    """
    found = {
        "old_rows": "count(*)",
        "without_id": "countif(not _has_id)",
        "ids": "countif(_is_first)",
        "from_api": "countif(_is_first and _is_there and not _is_adopted)",
        "adopted_before": "countif(_is_first and _is_adopted)",
        "healed": "countif(_is_first and _is_adopted and _heals)",
        "new": "countif(_is_first and not _is_there)",
    }
    for name, way in ways.items():
        found[f"empty_{name}"] = f"countif(_is_taken and {quoted(name)} is null)"
        if way.lost:
            found[f"lost_{name}"] = f"countif(_is_taken and {quoted(f'_lost_{name}')})"
        if way.finer:
            found[f"finer_{name}"] = f"countif(_is_taken and {quoted(f'_finer_{name}')})"
    return found


def count(
    entity: Entity, old_table: str, old: Mapping[str, str], ways: Mapping[str, Reading], ours: str
) -> str:
    """What would be adopted, see `counts`, in one row; `ours` is our table, see `landed`."""
    key = quoted(entity.key)
    said = ", ".join(f"{sql} as {quoted(name)}" for name, sql in counts(ways).items())
    return f"""
        select {said}
        from (
            select
                old.*,
                old.{key} is not null as _has_id,
                old.{key} is not null and old._place = 1 as _is_first,
                landed.{key} is not null as _is_there,
                {_mark("landed")} is not null as _is_adopted,
                old.{key} is not null and old._place = 1
                    and (landed.{key} is null or {_mark("landed")} is not null) as _is_taken,
                {_heals(entity, "landed")} as _heals
            from ({_numbered(entity, old_table, old, ways)}) as old
            left join {ours} as landed on landed.{key} = old.{key}
        ) as judged
        """


def adopt(
    entity: Entity, old_table: str, old: Mapping[str, str], ways: Mapping[str, Reading], ours: str
) -> str:
    """Lands the newest old row of each id that we do not have; mends rows adopted earlier. A row
    that the API gave stays as it is."""
    names = [quoted(name) for name in entity.row_types]
    key = quoted(entity.key)
    return f"""
        merge into {ours} as landed
        using (
            select {", ".join(names)}
            from ({_numbered(entity, old_table, old, ways)}) as numbered
            where _place = 1 and {key} is not null
        ) as old
            on old.{key} = landed.{key}
        when matched and {_mark("landed")} is not null and {_heals(entity, "landed")}
            then update set
            {", ".join(f"{n} = old.{n}" for n in names)}, {INGESTED_AT} = current_timestamp()
        when not matched by target then insert ({", ".join(names)}, {INGESTED_AT})
            values ({", ".join(f"old.{n}" for n in names)}, current_timestamp())
        """


def landed(entity: Entity, table: str, there: Mapping[str, str] | None) -> str:
    """Our table as it is declared, where it has only the columns `there`, or does not exist yet."""
    if there is not None and set(entity.row_types) <= set(there):
        return table
    columns = ", ".join(
        quoted(name) if name in (there or ()) else f"cast(null as {TYPES[kind]}) as {quoted(name)}"
        for name, kind in entity.row_types.items()
    )
    return f"(select {columns} from {table if there else '(select 1) as nothing where false'})"


def _heals(entity: Entity, landed: str) -> str:
    """Whether an old row says something else than the row adopted earlier, and is not older."""
    older = "false"
    if entity.version:
        version = quoted(entity.version)
        older = f"coalesce(old.{version} < {landed}.{version}, false)"
    return f"not {older} and ({differ(entity, 'old', landed)})"


def _mark(row: str) -> str:
    return f"json_value({row}.{EXTRA_FIELDS}, '$.{MARK}')"


def _numbered(
    entity: Entity, old_table: str, old: Mapping[str, str], ways: Mapping[str, Reading]
) -> str:
    """The old rows as ours, `_place` 1 for the newest of each id: by version, then by the time when
    the older system wrote it, then by its text, so that the same one is taken every time."""
    columns, flags = [], []
    for name, kind in entity.row_types.items():
        value = ways[name].value if name in ways else f"cast(null as {TYPES[kind]})"
        if name == EXTRA_FIELDS:
            value = f"json_object('{MARK}', '{old_table.strip('`')}')"
        columns.append(f"{value} as {quoted(name)}")
    for name, way in ways.items():
        if way.lost:
            flags.append(f"{way.lost} as {quoted(f'_lost_{name}')}")
        if way.finer:
            flags.append(f"{way.finer} as {quoted(f'_finer_{name}')}")
    written = _reading(Column(INGESTED_AT, "instant", (INGESTED_AT,)), [INGESTED_AT], old)
    order = [f"{quoted(entity.version)} desc nulls last"] if entity.version else []
    key = quoted(entity.key)
    return f"""
            select
                *,
                row_number() over (
                    partition by {key}
                    order by {", ".join([*order, "_written_at desc nulls last", "_text"])}
                ) as _place
            from (
                select
                    {", ".join([*columns, *flags])},
                    {written.value if written else "cast(null as timestamp)"} as _written_at,
                    to_json_string(old_row) as _text
                from {old_table} as old_row
            ) as converted
            """


def _reading(column: Column, names: list[str], old: Mapping[str, str]) -> Reading | None:
    """From the first of the names that the old table has; a field of a nested object also from that
    object, where it stands there as JSON. None where nothing there can be read in our type."""
    known = {name.lower(): name for name in old}  # BigQuery's columns are of any case
    flat = next((known[name.lower()] for name in names if name.lower() in known), None)
    parent, child = column.source if len(column.source) == 2 else (None, None)
    parent = known.get(parent.lower()) if parent else None
    nested = _field(_old(parent), old[parent], child) if parent else None
    if nested is None:
        if flat is None:
            return None
        return _converted(column, (flat,), _old(flat), old[flat])
    if flat is None or old[flat] in ("ARRAY", "RECORD", "JSON"):
        return _converted(column, (parent,), nested, "STRING")
    text = f"nullif(nullif(trim(cast({_old(flat)} as string)), ''), '0')"
    both = dict.fromkeys((flat, parent))
    # One column may hold either, the object or its field alone.
    value = f"coalesce({', '.join([nested, text] if flat == parent else [text, nested])})"
    return _converted(column, tuple(both), value, "STRING")


def _field(value: str, kind: str, child: str) -> str | None:
    """A field of an object that stands in a column, as text."""
    parsed = {
        "STRING": f"safe.parse_json({value}, wide_number_mode => 'round')",
        "JSON": value,
        "RECORD": f"to_json({value})",
    }.get(kind)
    return parsed and f"json_value({parsed}, '$.{child}')"


def _converted(column: Column, of: tuple[str, ...], value: str, kind: str) -> Reading | None:
    convert = _CONVERT[column.type]
    read = convert(value, kind)
    if read is None:
        return None
    said = {
        "STRING": f"trim({value}) not in ('', 'null')"
        if column.type == "json"
        else f"trim({value}) != ''",
        "FLOAT64": f"not is_nan({value})",  # what some libraries write for nothing
    }.get(kind, f"{value} is not null")
    is_same = kind == TYPES[column.type]
    lands = value if is_same and kind != "STRING" else f"if({said}, {read}, null)"
    lost, finer = None if is_same else f"{said} and {read} is null", None
    if column.type == "integer" and (column.name == "id" or column.name.endswith("Id")):
        lands = f"nullif({lands}, 0)"  # an id of 0 means none, everywhere
    if column.type == "decimal":
        finer = f"{said} and round({read}, {_NOISE}) != round({read}, {_CENTS})"
        lands = f"round({lands}, {_CENTS})"
    return Reading(of, lands, lost, finer)


def _integer(value: str, kind: str) -> str | None:
    if kind == "INT64":
        return value
    number = f"safe_cast(trim({value}) as numeric)" if kind == "STRING" else value
    # Many libraries write a column of ids with gaps as floats.
    if kind in ("STRING", *_WHOLE_TYPES):
        return f"if({number} = trunc({number}), safe_cast({number} as int64), null)"
    return None


def _string(value: str, kind: str) -> str | None:
    if kind in _WHOLE_TYPES:
        whole = _integer(value, kind)
        return f"coalesce(cast({whole} as string), cast({value} as string))"
    if kind in ("ARRAY", "RECORD", "JSON"):
        return None
    return value if kind == "STRING" else f"cast({value} as string)"


def _boolean(value: str, kind: str) -> str | None:
    if kind == "BOOL":
        return value
    if kind == "STRING":
        word = f"lower(trim({value}))"
        yes, no = f"{word} in ('true', '1')", f"{word} in ('false', '0')"
    elif kind in ("INT64", *_WHOLE_TYPES):
        yes, no = f"{value} = 1", f"{value} = 0"
    else:
        return None
    return f"case when {yes} then true when {no} then false end"


def _decimal(value: str, kind: str) -> str | None:
    if kind == "STRING":
        return f"safe_cast(trim({value}) as numeric)"
    return f"safe_cast({value} as numeric)" if kind in ("INT64", *_WHOLE_TYPES) else None


def _instant(value: str, kind: str) -> str | None:
    if kind == "STRING":
        # The API sends up to seven decimals of a second, BigQuery takes six.
        text = rf"regexp_replace(trim({value}), r'(\.\d{{6}})\d+', r'\1')"
        return f"safe_cast({text} as timestamp)"
    if kind == "TIMESTAMP":
        return value
    return f"timestamp({value})" if kind in ("DATETIME", "DATE") else None


def _date(value: str, kind: str) -> str | None:
    """The day that is written, never shifted into another zone."""
    if kind == "STRING":
        return f"safe_cast(substr(trim({value}), 1, 10) as date)"
    if kind == "DATE":
        return value
    return f"date({value})" if kind in ("TIMESTAMP", "DATETIME") else None


def _json(value: str, kind: str) -> str:
    if kind == "STRING":
        return f"safe.parse_json({value}, wide_number_mode => 'round')"
    return value if kind == "JSON" else f"to_json({value})"


_CONVERT = {
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
    "decimal": _decimal,
    "instant": _instant,
    "date": _date,
    "json": _json,
}


def _old(name: str) -> str:
    return f"old_row.{quoted(name)}"
