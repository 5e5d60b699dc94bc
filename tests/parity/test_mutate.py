"""The list of broken rules fits the project as it is; `make mutate` proves that each is noticed."""

from collections import Counter
from dataclasses import replace

import pytest
import yaml

from tests.parity.mutate import Verdict
from tests.parity.mutations import LIST, Mutation, Outdated, load
from tests.parity.warehouse import PROJECT

FEWEST = 25


@pytest.mark.parametrize("mutation", load(), ids=lambda mutation: mutation.name)
def test_a_mutation_changes_its_file_in_one_place(mutation):
    assert mutation.text(PROJECT) != (PROJECT / mutation.file).read_text(encoding="utf-8")
    assert mutation.rule


def test_the_list_is_long_and_says_nothing_twice():
    names = [key.value for key, _ in yaml.compose(LIST.read_text(encoding="utf-8")).value]
    changes = Counter((m.file, m.replace, m.with_) for m in load())
    assert len(names) >= FEWEST
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert [change for change, times in changes.items() if times > 1] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"replace": "no such text"}, "'no such text' stands 0 times in seeds/kpi_lists.csv"),
        ({"replace": "excluded"}, "'excluded' stands 3 times in seeds/kpi_lists.csv"),
        ({"file": "seeds/moved.csv"}, "stands 0 times in seeds/moved.csv"),
    ],
)
def test_an_outdated_mutation_is_named(change, said):
    mutation = Mutation("invented", "a rule", "seeds/kpi_lists.csv", "kpi,list_name", "")
    with pytest.raises(Outdated, match="invented") as fault:
        replace(mutation, **change).text(PROJECT)
    assert said in str(fault.value)


def test_only_a_differing_cell_counts_as_caught():
    assert Verdict(cells=1).caught
    assert not Verdict().caught
    assert not Verdict(fault="does not build").caught
