"""How old each raw table is, and which KPIs stand on it: from what dbt wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

KPI_MODEL = "kpi_"  # models/marts/kpis/kpi_<name>.sql
SOURCE = "servicetitan"


@dataclass(frozen=True)
class Freshness:
    """A raw table: when it was last read to its end (None: never), whether that is beyond its limit
    (models/staging/_sources.yml), and the KPIs that are computed from it."""

    entity: str
    landed_at: datetime | None
    is_stale: bool
    kpis: tuple[str, ...]


def freshness(target: Path) -> list[Freshness]:
    """Every raw table, as `dbt source freshness` left it in `target` (sources.json and
    manifest.json)."""
    manifest = json.loads((target / "manifest.json").read_text())
    results = json.loads((target / "sources.json").read_text())["results"]
    return sorted(
        (_freshness(result, manifest) for result in results), key=lambda found: found.entity
    )


def _freshness(result: Mapping[str, Any], manifest: Mapping[str, Any]) -> Freshness:
    landed_at = result.get("max_loaded_at")
    moment = datetime.fromisoformat(landed_at) if landed_at else None
    if moment and moment.year == 1:  # dbt's word for never
        moment = None
    return Freshness(
        entity=result["unique_id"].rpartition(".raw_")[2],
        landed_at=moment,
        is_stale=moment is None or result["status"] not in ("pass", "warn"),
        kpis=tuple(sorted(_kpis_on(result["unique_id"], manifest))),
    )


def _kpis_on(source: str, manifest: Mapping[str, Any]) -> set[str]:
    """The KPIs whose models descend from a source."""
    seen, ahead = {source}, [source]
    while ahead:
        for child in manifest["child_map"].get(ahead.pop(), []):
            if child not in seen:
                seen.add(child)
                ahead.append(child)
    models = (manifest["nodes"].get(node, {}) for node in seen)
    return {
        model["name"].removeprefix(KPI_MODEL)
        for model in models
        if model.get("resource_type") == "model"
        and model["name"].startswith(KPI_MODEL)
        and len(model["fqn"]) > 2
        and model["fqn"][-2] == "kpis"
        and model["name"] != "kpi_records"  # a reading of them all
    }
