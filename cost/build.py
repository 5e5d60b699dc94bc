"""The queries of a `dbt build` and of `dbt source freshness`."""

from collections.abc import Callable

from cost.queries import Name, Query, Read

ORACLE = "oracle"  # of an invented tenant only: in production its tests have nothing to compare
RUN_LOG, LAST_LANDED = "sync_runs", frozenset({"entity", "state", "ended_at"})
SNAPSHOT_KEYS = frozenset({"dbt_scd_id", "dbt_valid_to"})

Reads = Callable[[dict], tuple[Read, ...]]  # of a node


def views(manifest: dict) -> dict[Name, str]:
    """The SQL of the models that are views."""
    return {
        _name(node): node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["config"]["materialized"] == "view" and node["resource_type"] == "model"
    }


def partitions(manifest: dict) -> dict[Name, str]:
    """The columns that models are partitioned by."""
    return {
        _name(node): node["config"]["partition_by"]["field"]
        for node in manifest["nodes"].values()
        if node["config"].get("partition_by")
    }


def queries(manifest: dict, read: Callable[[str, str], tuple[Read, ...]]) -> list[Query]:
    """What dbt asks to build every model and snapshot and to run every data test.

    `read` takes SQL and its name. A view is only defined, a seed is loaded, a unit test reads no
    table; stored failures are counted without reading a column.
    """
    oracle = {key for key, s in manifest["sources"].items() if s["source_name"] == ORACLE}
    asked = []

    def reads(node: dict) -> tuple[Read, ...]:
        return read(node["compiled_code"], node["name"])

    for node in manifest["nodes"].values():
        kind, table = node["resource_type"], node["config"]["materialized"]
        if oracle & set(node["depends_on"].get("nodes", ())):
            continue
        if kind == "model" and table != "view":
            asked.append(Query("models", node["name"], _model(node, reads)))
        elif kind == "snapshot":
            asked += _snapshot(node, reads)
        elif kind == "test":
            asked.append(Query("data tests", node["name"], reads(node)))
    return asked


def freshness(manifest: dict) -> list[Query]:
    """What `dbt source freshness` asks per source that says how: the run log, see macros/
    last_landed.sql. The manifest holds that query as it is written, not as it is asked."""
    return [
        Query("freshness", source["name"], (Read((source["schema"], RUN_LOG), LAST_LANDED),))
        for source in manifest["sources"].values()
        if source.get("loaded_at_query")
    ]


def written(manifest: dict) -> dict[str, tuple[str, Name]]:
    """Of each model that leaves a table: its name -> how it is materialised, and the table."""
    return {
        node["name"]: (node["config"]["materialized"], _name(node))
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
    }


def _model(node: dict, reads: Reads) -> tuple[Read, ...]:
    whole = Read(_name(node))
    # A merge by key names columns of the table and then rewrites rows of it.
    merged = node["config"]["materialized"] == "incremental" and node["config"]["unique_key"]
    return reads(node) + ((whole, whole) if merged else ())


def _snapshot(node: dict, reads: Reads) -> list[Query]:
    """What is new is put into a table beside, compared with all that stands, and merged."""
    history = _name(node)
    return [
        Query("snapshots", node["name"], (*reads(node), Read(history))),
        Query("snapshots", node["name"], (Read(history, SNAPSHOT_KEYS), Read(history)), staged=1),
    ]


def _name(node: dict) -> Name:
    return node["schema"], node["alias"]
