"""The command adopt: what it says before and after."""

import argparse
import uuid
from collections import defaultdict

from rich.table import Table

from extract import config
from extract.adoption.outcome import Adoption, Outcome
from extract.console import OK, SOME_FAILED, out, say
from extract.errors import SettingsError


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "adopt", help="copy what the older system's tables in BigQuery can give"
    )
    command.add_argument(
        "--from", dest="source", required=True, metavar="DATASET", help="or PROJECT.DATASET"
    )
    command.add_argument("--yes", action="store_true", help="do it; without it nothing is changed")
    command.set_defaults(command=_adopt)


def _adopt(arguments: argparse.Namespace) -> int:
    # BigQuery's client is loaded only where it is used.
    from extract.adoption.adopt import adopt

    settings = config.warehouse()
    if settings.hash_names:
        raise SettingsError(
            "adopt copies names as they are within BigQuery, and KPI_HASH_NAMES=1 wants none: read "
            "the history from the API (python -m extract sync)"
        )
    found = adopt(settings, arguments.source, yes=arguments.yes, run_id=uuid.uuid4().hex)
    show(found, done=arguments.yes)
    failed = [outcome for outcome in found.outcomes if outcome.error]
    for outcome in failed:
        say(f"{outcome.old.entity.label}: {outcome.error}")
    if not arguments.yes:
        out.print("Nothing was changed; --yes does it.")
    return SOME_FAILED if failed else OK


def show(found: Adoption, done: bool) -> None:
    """Prints what was done or would be, what is lost on the way, and what KPIs miss."""
    out.print(_summary(found, done))
    _list("Not taken over as they are", _losses(found))
    _list("Not taken over", _left(found))
    _list("What adopted rows cannot give", _gaps(found))
    _list("Per KPI", _kpis(found))
    cured = [outcome.old.entity.label for outcome in found.outcomes if _lacks(outcome)]
    if cured:
        _list("The API's own history cures all of it", [_cure(*cured)])


def _summary(found: Adoption, done: bool) -> Table:
    title = f"adopt --from {found.source}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("entity", "old table"):
        table.add_column(heading)
    for heading in (
        "old rows",
        "ids",
        "duplicates",
        "without id",
        "from the API",
        "adopted before",
        "adopted" if done else "to adopt",
        "mended" if done else "to mend",
    ):
        table.add_column(heading, justify="right")
    table.add_column("")
    for o in found.outcomes:
        counts = (o.rows, o.ids, o.duplicates, o.without_id, o.from_api, o.adopted_before)
        cells = [f"{count:,}" for count in (*counts, o.new, o.mended)]
        said = f"{o.state}: {o.note}" if o.note else o.state
        # What was not looked into has no counts.
        table.add_row(o.old.entity.label, o.table, *(cells if o.rows else [""] * len(cells)), said)
    return table


def _losses(found: Adoption) -> list[str]:
    lines = []
    for outcome in found.outcomes:
        label = outcome.old.entity.label
        for column, count in outcome.lost.items():
            lines.append(f"{label}.{column}: {_values(count)} cannot be converted, null instead")
        for column, count in outcome.finer.items():
            lines.append(f"{label}.{column}: {_values(count)} rounded to cents")
    return lines


def _left(found: Adoption) -> list[str]:
    lines = [
        f"{o.table}: its columns {', '.join(o.not_taken)}" for o in found.outcomes if o.not_taken
    ]
    if found.others:
        lines.append(f"the tables {', '.join(found.others)}")
    return lines


def _gaps(found: Adoption) -> list[str]:
    """Per table what cures it, the columns that KPIs need, then the others."""
    lines = []
    for outcome in found.outcomes:
        kpis, others = outcome.old.kpis, []
        if outcome.gaps or _is_missing(outcome):
            lines.append(f"{outcome.old.entity.label}: {_cure(outcome.old.entity.label)}")
        if _is_missing(outcome):
            lines.append(f"  no rows: {', '.join(outcome.old.all_kpis) or 'no KPI needs them'}")
        for gap in outcome.gaps:
            if gap.column in kpis:
                instead = outcome.old.stands_in.get(gap.column, "cannot be right")
                lines.append(f"  {gap.column} {gap.why}: {', '.join(kpis[gap.column])}: {instead}")
            else:
                others.append(gap.column)
        if others:
            lines.append(f"  empty, and no KPI needs them: {', '.join(others)}")
    return lines


def _kpis(found: Adoption) -> list[str]:
    """Per KPI what of it the adopted rows cannot give, and the command that cures it."""
    misses: dict[str, list[tuple[Outcome, str, bool]]] = defaultdict(list)
    for outcome in found.outcomes:
        label = outcome.old.entity.label
        if _is_missing(outcome):
            for kpi in outcome.old.all_kpis:
                misses[kpi].append((outcome, label, False))
        for gap in outcome.gaps:
            has_stand_in = gap.column in outcome.old.stands_in
            for kpi in outcome.old.kpis.get(gap.column, ()):
                misses[kpi].append((outcome, f"{label}.{gap.column}", has_stand_in))
    lines = []
    for kpi, missed in misses.items():
        lines.append(kpi)
        for title, kind in (("cannot be right without", False), ("with a stand-in for", True)):
            if names := ", ".join(name for _, name, has_stand_in in missed if has_stand_in == kind):
                lines.append(f"  {title} {names}")
        cured = dict.fromkeys(outcome.old.entity.label for outcome, _, _ in missed)
        lines.append(f"  {_cure(*cured)}")
    return lines


def _is_missing(outcome: Outcome) -> bool:
    """Whether our table holds nothing of the entity, and the API has not said that this is all."""
    return not (outcome.adopted or outcome.from_api or outcome.is_complete or outcome.error)


def _lacks(outcome: Outcome) -> bool:
    kpi_gaps = any(gap.column in outcome.old.kpis for gap in outcome.gaps)
    return kpi_gaps or (_is_missing(outcome) and bool(outcome.old.all_kpis))


def _cure(*labels: str) -> str:
    return f"python -m extract sync --full --only {','.join(labels)}"


def _values(count: int) -> str:
    return f"{count:,} value{'' if count == 1 else 's'}"


def _list(title: str, lines: list[str]) -> None:
    if lines:
        _line(f"\n{title}")
    for line in lines:
        _line(f"  {line}")


def _line(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)
