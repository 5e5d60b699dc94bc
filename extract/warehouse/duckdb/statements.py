"""The SQL with which rows land. Tables come quoted; `arrived` is a relation of typed rows with each
key once, see `arrived`."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from extract.entities import INGESTED_AT, ROW_KEY, Entity
from extract.rows import ANYWAY

TYPES = {
    "integer": "BIGINT",
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "decimal": "DECIMAL(38,9)",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
    "json": "JSON",
}
# What a full load is put in order by: more rows at once would need more than DuckDB is given.
PART_ROWS = 250_000
# As what a line's value is read before it is cast: text, wherever a JSON reader might round.
_ON_THE_LINE = {"integer": "BIGINT", "boolean": "BOOLEAN"}

CONTROL_TABLES = """
create table if not exists {schema}.sync_cursors (
    entity VARCHAR not null,
    position JSON,
    loading JSON,
    saved_at TIMESTAMP WITH TIME ZONE
);
create table if not exists {schema}.sync_runs (
    run_id VARCHAR not null,
    entity VARCHAR not null,
    started_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    state VARCHAR,
    pages BIGINT,
    rows BIGINT,
    new BIGINT,
    changed BIGINT,
    removed BIGINT,
    bytes BIGINT,
    retries BIGINT,
    waited_seconds DOUBLE,
    note VARCHAR,
    error VARCHAR
);
"""


def quoted(name: str) -> str:
    return f'"{name}"'


def literal(value: str | int | float | date | None) -> str:
    """A value in SQL. DuckDB's parameters would load pandas and pyarrow: 80 MB, and half a second
    of every run."""
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\0", "").replace("'", "''")
    return f"'{text}'"


def now() -> str:
    return f"{literal(datetime.now(UTC).isoformat())}::timestamptz"


def columns(entity: Entity) -> dict[str, str]:
    """Column name -> DuckDB's type, in table order."""
    types = {name: TYPES[kind] for name, kind in entity.row_types.items()}
    return {**types, INGESTED_AT: TYPES["instant"]}


def create(table: str, entity: Entity) -> str:
    declared = ", ".join(
        f"{quoted(name)} {kind}{' not null' if name == entity.key else ''}"
        for name, kind in columns(entity).items()
    )
    return f"create table {table} ({declared})"


def create_loading(table: str, entity: Entity) -> str:
    """The table that a full load goes into: its rows as they arrive, a key as often as it does, and
    whether each replaces what came before whatever that one's version."""
    declared = {**columns(entity), ANYWAY: "BOOLEAN"}
    return f"create table {table} ({', '.join(f'{quoted(n)} {k}' for n, k in declared.items())})"


def arrived(types: Mapping[str, str], file: Path, longest: int) -> str:
    """The lines of JSON in a file as typed rows; `longest` is the most bytes of a line."""
    shape = ", ".join(
        f"{quoted(name)}: '{_ON_THE_LINE.get(kind, 'VARCHAR')}'" for name, kind in types.items()
    )
    values = ", ".join(f"{_typed(quoted(n), kind)} as {quoted(n)}" for n, kind in types.items())
    return (
        f"(select {values} from read_json({literal(str(file))}, format = 'newline_delimited', "
        f"columns = {{{shape}}}, maximum_object_size = {longest + 1}))"
    )


def _typed(value: str, kind: str) -> str:
    if kind == "decimal":
        # DuckDB makes the wide type of text a hundred times slower than the narrow one, into which
        # nearly every amount fits.
        return f"coalesce(try_cast({value} as DECIMAL(18,9)), cast({value} as {TYPES[kind]}))"
    return f"cast({value} as {TYPES[kind]})"


def save_cursor(schema: str, entity: str, position: str | None, loading: str | None) -> str:
    """Puts an entity's cursor, as JSON, in the place of the one before."""
    values = ", ".join(map(literal, (entity, position, loading)))
    return (
        f"merge into {schema}.sync_cursors as saved "
        f"using (select {values}, {now()}) as reached (entity, position, loading, saved_at) "
        "using (entity) when matched then update when not matched then insert"
    )


def stage(arrived: str) -> str:
    return f"create or replace temp table staged as from {arrived}"


def append(entity: Entity, loading: str, arrived: str) -> str:
    """Puts a batch at the end of a full load; a merge would read all of it for each batch."""
    names = ", ".join(map(quoted, [*entity.row_types, ANYWAY]))
    return f"insert into {loading} ({names}, {INGESTED_AT}) select {names}, {now()} from {arrived}"


def drop_outdated(entity: Entity, loading: str, part: str) -> str:
    """Leaves of each key in a full load the row that stays, as if the batches had been merged one
    by one.

    What came before a row that replaces it whatever its version does not count; of the rest the
    greatest version stays, of equal ones the latest arrival. Rows are numbered as they arrive; the
    clock is not asked, it may be set back in between. `part` is one of the `parts` of the keys.
    """
    key = quoted(entity.key)
    version = f"{quoted(entity.version)} desc nulls last, " if entity.version else ""
    unversioned = f"{quoted(entity.version)} is null or {ANYWAY}" if entity.version else "true"
    # Few keys come twice: only their rows are put in order.
    return f"""
        delete from {loading} where rowid in (
            select arrival
            from (
                select
                    rowid as arrival,
                    rowid >= coalesce(
                        max(case when {unversioned} then rowid end) over (partition by {key}), 0
                    ) as counts,
                    *
                from {loading}
                where {key} in (
                    select {key} from {loading} where {part} group by {key} having count(*) > 1
                )
            )
            qualify row_number()
                over (partition by {key} order by counts desc, {version}arrival desc) > 1
        )
        """


def parts(entity: Entity, rows: int) -> list[str]:
    """Conditions that cut the keys of a table of `rows` into parts which fit into little memory,
    however long the history."""
    count = 1 + rows // PART_ROWS
    return [f"hash({quoted(entity.key)}) % {count} = {part}" for part in range(count)]


def difference(entity: Entity, before: str, after: str, part: str) -> str:
    """How many keys are new, changed, removed, in one of the `parts` of the keys; by hash, so that
    it takes memory for keys only."""
    key = quoted(entity.key)
    content = f"hash({', '.join(map(quoted, entity.row_types))})"
    return f"""
        select
            count(*) filter (where before.key is null),
            count(*) filter (where before.content <> after.content),
            count(*) filter (where after.key is null)
        from (select {key} as key, {content} as content from {after} where {part}) as after
        full join (select {key} as key, {content} as content from {before} where {part}) as before
            on after.key = before.key
        """


def count(entity: Entity, table: str, since: datetime) -> str:
    """Rows, records, inactive ones, those created at `since` or after it."""
    inactive = "active is false" if entity.row_types.get("active") == "boolean" else "false"
    dated = "createdOn" in entity.row_types
    recent = f"createdOn >= {literal(since.isoformat())}::timestamptz" if dated else "false"
    return f"""
        select
            coalesce(sum(rows), 0)::BIGINT,
            count(*),
            count(*) filter (where is_inactive),
            count(*) filter (where is_recent)
        from (
            select
                count(*) as rows,
                bool_or({inactive}) as is_inactive,
                bool_or(coalesce({recent}, false)) as is_recent
            from {table}
            group by {quoted(entity.key)}
        )
        """


def newest_runs(schema: str, columns: Iterable[str]) -> str:
    """Of each entity the newest run, and the newest that landed; instants as text, since DuckDB
    would need another package to hand them over."""
    texts = ", ".join(f"{name}::VARCHAR" if name.endswith("_at") else name for name in columns)
    return f"""
        select {texts}
        from {schema}.sync_runs
        qualify row_number() over (partition by entity order by started_at desc) = 1
            or (
                state = 'landed' and row_number()
                    over (partition by entity, state order by ended_at desc) = 1
            )
        order by started_at
        """


def merge(entity: Entity, table: str) -> str:
    """Lands `staged` by key. A row older than the landed one, or equal to it, changes nothing."""
    names = list(map(quoted, entity.row_types))
    key = quoted(entity.key)
    older = "false"
    if entity.version:
        version = quoted(entity.version)
        older = f"coalesce(staged.{version} < landed.{version}, false) and {ANYWAY} is not true"
    differs = " or ".join(f"staged.{n} is distinct from landed.{n}" for n in names)
    return f"""
        merge into {table} as landed
        using staged on staged.{key} = landed.{key}
        when matched and not ({older}) and ({differs}) then update set
            {", ".join(f"{n} = staged.{n}" for n in names)}, {INGESTED_AT} = {now()}
        when not matched then insert ({", ".join(names)}, {INGESTED_AT})
            values ({", ".join(f"staged.{n}" for n in names)}, {now()})
        returning merge_action
        """


def no_longer_listed(entity: Entity, table: str) -> str:
    """Marks inactive what stands in the table and not in `staged`."""
    key = quoted(entity.key)
    return f"""
        update {table} set active = false, {INGESTED_AT} = {now()}
        where {key} not in (select {key} from staged) and active is distinct from false
        """


def clear_days(
    entity: Entity, table: str, first: date | None, last: date | None, but_staged: bool
) -> str:
    """Deletes the rows of some days (None = without an end), but those that are in `staged` too:
    the row key is made from the whole row, a row with a known key needs no rewriting."""
    day = quoted(entity.day)
    conditions = [f"{day} is not null"]
    if first:
        conditions.append(f"{day} >= date {literal(first)}")
    if last:
        conditions.append(f"{day} <= date {literal(last)}")
    if but_staged:
        conditions.append(f"{ROW_KEY} not in (select {ROW_KEY} from staged)")
    return f"delete from {table} where {' and '.join(conditions)}"


def insert_unknown(entity: Entity, table: str) -> str:
    """Inserts the rows of `staged` whose row key is not in the table."""
    names = ", ".join(map(quoted, entity.row_types))
    return f"""
        insert into {table} ({names}, {INGESTED_AT})
        select {names}, {now()} from staged
        where {ROW_KEY} not in (select {ROW_KEY} from {table})
        """
