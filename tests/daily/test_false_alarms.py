"""The false alarms that docs/alerts.md counts are those of the rule as it stands."""

import re

import pytest

from tests.daily.false_alarms import false_alarms, year
from tests.parity.warehouse import PROJECT

ROW = re.compile(r"^\| `?([a-z_ ]+?)`? \| (.+) \|$", re.MULTILINE)


@pytest.mark.full
def test_the_documented_false_alarms_are_those_of_the_rule(tmp_path):
    documented = {
        name: [int(cell.replace(",", "")) for cell in cells.split(" | ")[-4:]]
        for name, cells in ROW.findall((PROJECT / "docs" / "alerts.md").read_text())
        if re.fullmatch(r"[\d,| ]+", cells)
    }
    with year("small", 1, tmp_path) as built:
        found = {name: counts for name, *counts in false_alarms(built)}
    assert documented
    assert documented == found
