"""Settings from environment and .env: every missing or wrong one is named."""

import re
from pathlib import Path

import pytest

from extract import config
from extract.errors import SettingsError
from tests.extract.scripted_tenant import APP_KEY, CREDENTIALS, SECRET

GOOD = CREDENTIALS
NO_FILE = Path("no such file")


def load(**changes):
    return config.load({**GOOD, **changes}, NO_FILE)


def test_the_defaults_are_production_and_duckdb_in_the_project():
    settings = load()
    assert settings.api_url == "https://api.servicetitan.io"
    assert settings.auth_url == "https://auth.servicetitan.io"
    assert settings.calls_per_second == 20
    assert settings.skip == frozenset()
    assert settings.warehouse.target == "dev"
    assert settings.warehouse.duckdb_path == config.PROJECT / "kpis.duckdb"
    assert settings.warehouse.schema == "st_raw_v2"


def test_all_missing_settings_are_named_at_once():
    with pytest.raises(SettingsError) as error:
        config.load({"SERVICETITAN_APP_KEY": " "}, NO_FILE)
    for name in GOOD:
        assert f"{name} is missing" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVICETITAN_TENANT_ID", "acme"),
        ("SERVICETITAN_API_URL", "api.servicetitan.io"),
        ("SERVICETITAN_AUTH_URL", "ftp://auth"),
        ("SERVICETITAN_CALLS_PER_SECOND", "0"),
        ("SERVICETITAN_CALLS_PER_SECOND", "61"),
        ("KPI_TARGET", "staging"),
        ("KPI_RAW_DATASET", 'raw"; drop'),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(name, value):
    with pytest.raises(SettingsError, match=f"{name}=.* is wrong: expected"):
        load(**{name: value})


def test_skip_takes_both_spellings_and_names_what_it_does_not_know():
    skipped = load(SERVICETITAN_SKIP="gross-pay-items, inventory_bills,").skip
    assert skipped == {"gross_pay_items", "inventory_bills"}
    with pytest.raises(SettingsError, match=r"SKIP names unknown entities: job\. Valid: .*jobs"):
        load(SERVICETITAN_SKIP="job")


def test_the_environment_wins_over_the_file(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("SERVICETITAN_TENANT_ID=7\nSERVICETITAN_API_URL=http://127.0.0.1:1/\n")
    settings = config.load(GOOD, dotenv)
    assert settings.tenant_id == "42"
    assert settings.api_url == "http://127.0.0.1:1"


def test_an_empty_value_counts_as_not_set(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("SERVICETITAN_API_URL=http://127.0.0.1:1\n")
    settings = config.load({**GOOD, "SERVICETITAN_API_URL": ""}, dotenv)
    assert settings.api_url == "https://api.servicetitan.io"


def test_secrets_are_not_in_the_representation():
    assert SECRET not in repr(load())
    assert APP_KEY not in repr(load())


def test_the_example_lists_every_setting_and_nothing_else():
    example = (config.PROJECT / ".env.example").read_text()
    profile = (config.PROJECT / "profiles.yml.example").read_text()
    source = Path(config.__file__).read_text() + profile
    listed = re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE)
    asked = re.findall(r"""["']((?:SERVICETITAN|KPI)_[A-Z_]+)["']""", source)
    assert sorted(listed) == sorted(set(asked))


@pytest.mark.parametrize("target", ["prod", "emulator"])
def test_bigquery_needs_a_project(target):
    fault = f"KPI_BIGQUERY_PROJECT is missing, KPI_TARGET={target} needs it"
    with pytest.raises(SettingsError, match=fault):
        load(KPI_TARGET=target)
    with pytest.raises(SettingsError, match=fault):
        config.warehouse({"KPI_TARGET": target}, NO_FILE)


def test_the_settings_of_bigquery(tmp_path):
    keyfile = tmp_path / "key.json"
    keyfile.touch()
    found = load(KPI_TARGET="prod", KPI_BIGQUERY_PROJECT="acme-reports-1").warehouse
    assert (found.project, found.location, found.keyfile) == ("acme-reports-1", "US", None)
    found = load(
        KPI_TARGET="prod",
        KPI_BIGQUERY_PROJECT="acme.com:reports",
        KPI_BIGQUERY_LOCATION="europe-west3",
        KPI_BIGQUERY_KEYFILE=str(keyfile),
    ).warehouse
    assert (found.project, found.location, found.keyfile) == (
        "acme.com:reports",
        "europe-west3",
        keyfile,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KPI_BIGQUERY_PROJECT", "Acme Reports"),
        ("KPI_BIGQUERY_LOCATION", "US`"),
        ("KPI_BIGQUERY_KEYFILE", "no such file.json"),
    ],
)
def test_a_wrong_setting_of_bigquery_is_named_with_its_value(name, value):
    with pytest.raises(SettingsError, match=f"{name}=.* is wrong: "):
        load(**{"KPI_TARGET": "prod", "KPI_BIGQUERY_PROJECT": "acme-1", name: value})


def test_only_the_emulator_has_an_address_of_its_own():
    address = {"KPI_BIGQUERY_PROJECT": "acme-1", "KPI_BIGQUERY_ENDPOINT": "http://127.0.0.1:7"}
    assert load(KPI_TARGET="emulator", **address).warehouse.endpoint == "http://127.0.0.1:7"
    assert load(KPI_TARGET="prod", **address).warehouse.endpoint is None
