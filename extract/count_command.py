"""`python -m extract check --counts`: what it asks and what it says."""

import argparse
from collections.abc import Iterable
from contextlib import closing

from rich.table import Table

from extract import config, entities
from extract.client import Client
from extract.console import OK, SOME_FAILED, out
from extract.counts import Comparison, compare
from extract.entities import Entity
from extract.heal import Healing, heal
from extract.privacy_change import read_anew
from extract.warehouse import Standing, Warehouse, open_warehouse

NEVER_READ = "never read to its end, or to be read anew: run python -m extract sync"


def add_to(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--counts", action="store_true", help="compare the landed rows with the API's own totals"
    )
    command.add_argument(
        "--heal", action="store_true", help="--counts, and read again what differs"
    )


def counts(settings: config.Settings, chosen: Iterable[Entity], *, healing: bool) -> int:
    """Prints per entity what landed beside what the API counts. Returns 1 where they differ (after
    `healing`, if asked for) or an entity could not be counted, else 0. Raises ExtractError where
    there is no warehouse or the credentials are refused."""
    # Where nothing has landed, there is nothing to count: no warehouse is made for that.
    with closing(open_warehouse(settings.warehouse, read_only=True)) as warehouse:
        standing = warehouse.standing(entities.load().values())
    with closing(open_warehouse(settings.warehouse)) as warehouse, warehouse.alone():
        warehouse.prepare(entities.load().values())
        # What landed under another rule of privacy must not be mixed with what a cure would read.
        read_anew(warehouse, entities.load().values())
        client = Client(settings)
        client.authenticate()
        found = [
            Comparison(entity, not_counted="skipped, named in SERVICETITAN_SKIP")
            if entity.name in settings.skip
            else _compare(entity, client, warehouse, standing[entity.name])
            for entity in chosen
        ]
        out.print(_table(found))
        healed = [heal(each, client, warehouse) for each in found if each.differs and healing]
    _say_healed(healed)
    cured = {each.comparison.entity.name for each in healed if each.is_healed}
    wrong = [each for each in found if each.failed or each.differs]
    return SOME_FAILED if any(each.entity.name not in cured for each in wrong) else OK


def _compare(
    entity: Entity, client: Client, warehouse: Warehouse, standing: Standing
) -> Comparison:
    if standing.landed is None or warehouse.cursor(entity).position is None:
        return Comparison(entity, not_counted=NEVER_READ, failed=True)
    return compare(entity, client.get, warehouse, standing.landed.started_at)


def _table(found: list[Comparison]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("entity")
    table.add_column("landed", justify="right")
    table.add_column("API", justify="right")
    table.add_column("result")
    table.add_column("compared with the total of")
    for each in found:
        numbers = (each.ours and each.ours.rows, each.total)
        cells = ["" if number is None else f"{number:,}" for number in numbers]
        table.add_row(each.entity.label, *cells, each.said, each.place)
    return table


def _say_healed(healed: list[Healing]) -> None:
    for each in healed:
        text = f"{each.comparison.entity.label}: {each.said}"
        out.print(text, markup=False, soft_wrap=True)
