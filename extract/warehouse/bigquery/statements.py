"""The SQL with which rows land. Tables come quoted, `staged` holds a batch with each key once."""

from collections.abc import Iterable, Mapping
from datetime import date

from extract.entities import INGESTED_AT, Entity
from extract.rows import ANYWAY

NEVER = "false"


def quoted(name: str) -> str:
    return f"`{name}`"


def merge(entity: Entity, table: str, staged: str, gone: str = NEVER, then: str = "") -> str:
    """Lands a batch by key. A row older than the landed one, or equal to it, changes nothing.

    A landed row that is not in the batch and for which `gone` holds suffers `then`.
    """
    names = list(map(quoted, entity.row_types))
    older = NEVER
    if entity.version:
        version = quoted(entity.version)
        older = (
            f"coalesce(staged.{version} < landed.{version}, false) and staged.{ANYWAY} is not true"
        )
    statement = f"""
        merge into {table} as landed
        using ({_typed(entity.row_types, staged, ANYWAY)}) as staged
            on staged.{quoted(entity.key)} = landed.{quoted(entity.key)}
        when matched and not ({older}) and ({differ(entity, "staged", "landed")}) then update set
            {", ".join(f"{n} = staged.{n}" for n in names)}, {INGESTED_AT} = current_timestamp()
        when not matched by target then insert ({", ".join(names)}, {INGESTED_AT})
            values ({", ".join(f"staged.{n}" for n in names)}, current_timestamp())
        """
    if then:
        statement += f"when not matched by source and {gone} then {then}"
    return statement


def known_and_gone(entity: Entity, table: str, staged: str, gone: str) -> str:
    """How many rows of the batch have a landed row of their key, and for how many landed rows that
    are not in it `gone` holds."""
    key = quoted(entity.key)
    return f"""
        select
            count(staged.{key}) as known,
            countif(staged.{key} is null and {gone}) as gone
        from {table} as landed
        left join {staged} as staged on staged.{key} = landed.{key}
        """


def no_longer_listed() -> tuple[str, str]:
    """For `merge`: what a list gives no more becomes inactive."""
    return (
        "landed.active is distinct from false",
        f"update set active = false, {INGESTED_AT} = current_timestamp()",
    )


def on_days(entity: Entity, first: date | None, last: date | None) -> tuple[str, str]:
    """For `merge`: what stood on these days (None = without an end) goes."""
    return f"({_between(f'landed.{quoted(entity.day)}', first, last)})", "delete"


def clear_days(entity: Entity, table: str, first: date | None, last: date | None) -> str:
    """Deletes the rows of these days (None = without an end); reads the partitions of those only,
    where a merge would read the table."""
    return f"delete from {table} where {_between(quoted(entity.day), first, last)}"


def _between(day: str, first: date | None, last: date | None) -> str:
    bounds = [f"{day} is not null"]
    if first:
        bounds.append(f"{day} >= date '{first.isoformat()}'")
    if last:
        bounds.append(f"{day} <= date '{last.isoformat()}'")
    return " and ".join(bounds)


def count(entity: Entity, table: str) -> str:
    """Rows, records, inactive ones, those created at @since or after it."""
    inactive = "active is false" if entity.row_types.get("active") == "boolean" else NEVER
    recent = "coalesce(createdOn >= @since, false)" if "createdOn" in entity.row_types else NEVER
    return f"""
        select
            coalesce(sum(rows_of_key), 0) as all_rows,
            count(*) as records,
            countif(is_inactive) as inactive,
            countif(is_recent) as recent
        from (
            select
                count(*) as rows_of_key,
                logical_or({inactive}) as is_inactive,
                logical_or({recent}) as is_recent
            from {table}
            group by {quoted(entity.key)}
        ) as keys
        """


def newest_runs(runs: str, columns: Iterable[str]) -> str:
    """Of each entity the newest run, and the newest that landed."""
    return f"""
        select {", ".join(map(quoted, columns))}
        from (
            select
                *,
                row_number() over (partition by entity order by started_at desc) as _nth,
                row_number() over (partition by entity, state order by ended_at desc) as _of_state
            from {runs}
        ) as numbered
        where _nth = 1 or (state = 'landed' and _of_state = 1)
        order by started_at
        """


def add_columns(table: str, types: Mapping[str, str]) -> str:
    """Gives a table more columns, null in every row; `types` are BigQuery's."""
    added = ", ".join(f"add column if not exists {quoted(n)} {kind}" for n, kind in types.items())
    return f"alter table {table} {added}"


def append(entity: Entity, loading: str, staged: str) -> str:
    """Puts a batch at the end of a full load; a merge would read all of it for each batch."""
    names = ", ".join([*map(quoted, entity.row_types), ANYWAY])
    return f"""
        insert into {loading} ({names}, {INGESTED_AT})
        select {names}, current_timestamp()
        from ({_typed(entity.row_types, staged, ANYWAY)}) as arrived
        """


def complete(entity: Entity, completed: str, loading: str) -> str:
    """Of each key in a full load the row that stays, as if the batches had been merged one by one.

    What came before a row that replaces it whatever its version does not count; of the rest the
    greatest version stays, of equal ones the latest arrival.
    """
    key = quoted(entity.key)
    names = ", ".join([*map(quoted, entity.row_types), INGESTED_AT])
    version = f"{quoted(entity.version)} desc nulls last, " if entity.version else ""
    unversioned = f"{quoted(entity.version)} is null or {ANYWAY}" if entity.version else "true"
    return f"""
        insert into {completed} ({names})
        select {names}
        from (
            select
                *,
                max(if({unversioned}, {INGESTED_AT}, null))
                    over (partition by {key}) as _counts_from
            from {loading}
        ) as arrived
        where _counts_from is null or {INGESTED_AT} >= _counts_from
        qualify row_number() over (partition by {key} order by {version}{INGESTED_AT} desc) = 1
        """


def difference(entity: Entity, before: str, after: str, by_content: bool) -> str:
    """How many keys are new, changed, removed; changed is 0 unless `by_content`."""
    key = quoted(entity.key)
    changed = differ(entity, "rows_before", "rows_after") if by_content else NEVER
    return f"""
        select
            countif(rows_before.{key} is null) as new_rows,
            countif(
                rows_before.{key} is not null and rows_after.{key} is not null and ({changed})
            ) as changed_rows,
            countif(rows_after.{key} is null) as removed_rows
        from {before} as rows_before
        full outer join {after} as rows_after on rows_before.{key} = rows_after.{key}
        """


def replace_run(
    runs: str, rows: str, staged_runs: str, staged_rows: str, types: tuple[Mapping, Mapping]
) -> str:
    """Puts a run of a report and its rows in the place of what has landed with its id."""
    these = f"where run_id in (select run_id from {staged_runs})"
    inserts = "".join(
        f"insert into {table} ({names}, {INGESTED_AT}) "
        f"select {names}, current_timestamp() from ({_typed(kinds, staged)}) as arrived;\n"
        for table, staged, kinds in zip(
            (runs, rows), (staged_runs, staged_rows), types, strict=True
        )
        for names in [", ".join(map(quoted, kinds))]
    )
    return f"""
        begin transaction;
        delete from {rows} {these};
        delete from {runs} {these};
        {inserts}
        commit transaction;
        """


def _typed(types: Mapping[str, str], staged: str, *others: str) -> str:
    """The staged rows with their JSON parsed; it holds numbers as 64 bits, so longer ones round."""
    columns = [
        f"parse_json({name}, wide_number_mode => 'round') as {name}" if kind == "json" else name
        for name, kind in ((quoted(name), kind) for name, kind in types.items())
    ]
    return f"select {', '.join([*columns, *others])} from {staged}"


def differ(entity: Entity, one: str, other: str) -> str:
    """Whether two rows say different things; JSON cannot be compared but as text."""

    def said(row: str, name: str, kind: str) -> str:
        value = f"{row}.{quoted(name)}"
        return f"to_json_string({value})" if kind == "json" else value

    return " or ".join(
        f"{said(one, name, kind)} is distinct from {said(other, name, kind)}"
        for name, kind in entity.row_types.items()
    )
