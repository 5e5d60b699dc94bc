"""The demo's metrics: what MetricFlow's SQL answers on its warehouse, without starting dbt anew."""

import shutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from extract import config
from review import metrics
from review.metrics import Answer, Question


@pytest.fixture(scope="session")
def metrics_demo(demo, tmp_path_factory) -> SimpleNamespace:
    """`settings` of a copy of the demo's warehouse, and the `target` folder of its build."""
    assert demo.run.returncode == 0, demo.run.stdout
    folder = tmp_path_factory.mktemp("metrics")
    warehouse = folder / demo.warehouse.name  # the SQL names the file
    shutil.copy(demo.warehouse, warehouse)  # others may be reading it, and mf locks it
    settings = config.Warehouse("dev", warehouse, "st_raw_v2")
    return SimpleNamespace(settings=settings, target=demo.warehouse.parent / "target")


@pytest.fixture
def parsed(metrics_demo, monkeypatch) -> Iterator[list]:
    """The project as the demo's build parsed it; what dbt would have been asked is kept."""
    asked = []

    def dbt(*words, environment, capture):
        asked.append((words, environment))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(metrics, "dbt", dbt)
    monkeypatch.setattr(metrics, "TARGET", metrics_demo.target)
    return asked


@pytest.fixture
def ask(metrics_demo, parsed) -> Callable[..., Answer]:
    """Asks the demo's warehouse: `ask("lead_count", "metric_time__week,business_unit")`."""

    def ask(names: str, by: str = "", **days) -> Answer:
        question = Question(names.split(","), by.split(",") if by else [], **days)
        return metrics.ask(question, metrics_demo.settings)

    return ask
