"""A name's hash: the same for names that match, left alone by the models, nobody's to guess."""

import json
import sys
from pathlib import Path
from unicodedata import category

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import config
from extract.errors import SettingsError
from extract.privacy import Names, name_key
from extract.warehouse import open_warehouse

KEY = b"a key of the tests"
NAMES = Names(KEY)


def macros():
    """The models' own rule, `name_key` and `trim_blanks`, as SQL about the column `name`."""

    class Adapter:
        def dispatch(self, name):
            return getattr(module, f"duckdb__{name}")

    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    source = (config.PROJECT / "macros" / "warehouse" / "names.sql").read_text()
    template = environment.from_string(source, globals={"adapter": Adapter()})
    module = template.make_module({"refuse_warehouse": lambda name: ""})
    return module.name_key("name").strip(), module.trim_blanks("name").strip()


def by_the_models(names: list[str], folder: Path) -> list[tuple[str, str]]:
    """The key and the trimmed form of each name, by the models' macros in DuckDB."""
    lines = (json.dumps({"n": n, "name": name}) for n, name in enumerate(names))
    (folder / "names.jsonl").write_text("\n".join(lines))
    key, trimmed = macros()
    columns = "columns = {n: 'bigint', name: 'varchar'}"
    query = f"select {key}, {trimmed} from read_json('{folder}/names.jsonl', {columns}) order by n"
    return duckdb.connect().execute(query).fetchall()


LETTERS = [chr(n) for n in range(1, sys.maxunicode + 1) if not 0xD800 <= n < 0xE000]
# What has no upper and lower case, is no blank and no dash.
PLAIN = ("Lo", "Cn", "Co")


@pytest.mark.parametrize(
    "letters",
    [
        pytest.param([c for c in LETTERS if category(c) not in PLAIN], id="all but plain letters"),
        pytest.param(LETTERS, id="all", marks=pytest.mark.full),
    ],
)
def test_the_rule_is_that_of_the_models_for_every_letter_there_is(tmp_path, letters):
    names = [f" a{letter}{letter}B " for letter in letters]
    for name, (key, _) in zip(names, by_the_models(names, tmp_path), strict=True):
        assert name_key(name) == key, ascii(name)


def test_words_are_judged_as_a_whole_by_both(tmp_path):
    names = ["ΑΣ ΣΑΣ", "İSTANBUL", "  A\t\u00a0 B\u2003", "O’Hara—Smith", "", " \u3000", "Straße ẞ"]
    found = by_the_models(names, tmp_path)
    assert [name_key(name) for name in names] == [key for key, _ in found]


@given(st.text(max_size=30), st.text(max_size=30))
def test_hashes_are_equal_where_names_match(one, other):
    assert (NAMES.hashed(one) == NAMES.hashed(other)) == (name_key(one) == name_key(other))


def test_the_models_leave_a_hash_alone(tmp_path):
    hashes = [NAMES.hashed(f"Household {n}{' test' * (n % 2)}") for n in range(500)]
    assert by_the_models(hashes, tmp_path) == [(text, text) for text in hashes]
    assert all(text.startswith(("name-", "test-")[n % 2]) for n, text in enumerate(hashes))
    assert len(set(hashes)) == 500


@pytest.mark.parametrize("name", ["Test", "A TESTing household", "contest winner", "TEST-1"])
def test_a_test_customer_stays_one(name):
    assert "test" in NAMES.hashed(name)


@pytest.mark.parametrize("name", ["Tess", "T est", "Ann"])
def test_nobody_else_becomes_one(name):
    assert "test" not in NAMES.hashed(name)


def test_what_is_no_name_stays_what_it_is():
    assert [NAMES.hashed(name) for name in ("", " \t", " NAME ", "name")] == [
        "",
        "",
        "name",
        "name",
    ]


def test_another_key_gives_other_hashes_and_the_same_key_the_same():
    assert Names(KEY).hashed("Ann") == NAMES.hashed("Ann") != Names(b"another").hashed("Ann")


def settings(**environ):
    credentials = dict.fromkeys(
        ("SERVICETITAN_CLIENT_ID", "SERVICETITAN_CLIENT_SECRET", "SERVICETITAN_APP_KEY"), "secret"
    )
    return config.load(
        credentials | {"SERVICETITAN_TENANT_ID": "1"} | environ, Path("no such file")
    )


def test_names_are_hashed_only_where_it_is_asked_for():
    assert settings().warehouse.names() is None
    assert settings(KPI_HASH_NAMES="0").warehouse.names() is None
    assert settings(KPI_HASH_NAMES="1").warehouse.names() is not None


def test_the_key_is_the_client_secret_or_one_of_its_own():
    own = "a key of sixteen"
    of_secret = settings(KPI_HASH_NAMES="1").warehouse.names().hashed("Ann")
    assert of_secret == Names(b"secret").hashed("Ann")
    of_key = settings(KPI_HASH_NAMES="1", KPI_HASH_KEY=own).warehouse
    assert of_key.names().hashed("Ann") == Names(own.encode()).hashed("Ann")
    assert own not in repr(of_key)


def test_a_wrong_setting_is_named_and_a_key_is_not_shown():
    with pytest.raises(SettingsError, match="KPI_HASH_NAMES='yes' is wrong: expected 1 or 0"):
        settings(KPI_HASH_NAMES="yes")
    with pytest.raises(SettingsError, match="KPI_HASH_KEY is too short") as caught:
        settings(KPI_HASH_NAMES="1", KPI_HASH_KEY="k3y")
    assert "k3y" not in str(caught.value)


def test_without_any_key_nothing_lands(tmp_path):
    found = config.warehouse(
        {"KPI_HASH_NAMES": "1", "KPI_DUCKDB_PATH": str(tmp_path / "none.duckdb")},
        Path("no such file"),
    )
    with pytest.raises(SettingsError, match="KPI_HASH_NAMES=1 needs a key: set KPI_HASH_KEY"):
        open_warehouse(found)
    assert list(tmp_path.iterdir()) == []
