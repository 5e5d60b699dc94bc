"""A warehouse that was filled under another rule of privacy is read anew, once."""

from contextlib import closing

import pytest

from extract import config, entities, privacy_change
from extract.privacy import Names
from extract.privacy_change import NOTE, read_anew
from extract.sync import sync
from extract.warehouse import open_warehouse
from tests.extract.scripted_tenant import Tenant, client, pay

CHOSEN = [entities.load()[name] for name in ("customers", "job_types", "gross_pay_items")]
ANN = {"id": 1, "name": "Ann", "modifiedOn": "2026-01-02T00:00:00Z", "newField": 1}
RECORDS = {
    "customers": [ANN, {**ANN, "id": 2, "name": "Bob"}],
    "job_types": [{**ANN, "name": "Estimate"}],
    "gross_pay_items": [pay("2026-01-02", customerName="Ann", memo="a memo")],
}


@pytest.fixture
def tenant():
    return Tenant({name: [dict(record) for record in some] for name, some in RECORDS.items()})


@pytest.fixture
def run(tmp_path, tenant):
    """Syncs into one file, with the names hashed by `key` or kept: (outcomes, notes, the rows)."""

    def command(key=None, chosen=CHOSEN):
        settings = config.Warehouse("dev", tmp_path / "kpis.duckdb", "st_raw_v2")
        with closing(open_warehouse(settings)) as warehouse:
            warehouse.names = Names(key) if key else None
            warehouse.prepare(entities.load().values())
            notes = read_anew(warehouse, chosen)
            done = sync(chosen, client(tenant), warehouse, run_id=str(len(tenant.calls)))
            assert all(outcome.state == "landed" for outcome in done)
            rows = warehouse.query(
                "select name from st_raw_v2.raw_customers union all "
                "select _extra_fields::varchar from st_raw_v2.raw_gross_pay_items order by 1"
            )
        return done, notes, [text for (text,) in rows]

    return command


def test_a_new_warehouse_is_told_nothing(run):
    _, notes, rows = run()
    assert notes == {}
    assert rows == ["Ann", "Bob", '{"customerName":"Ann","id":null}']


def test_under_the_same_rule_nothing_is_read_anew_and_nothing_changes(run):
    for key in (None, b"key"):
        run(key)
        done, notes, _ = run(key)
        assert notes == {}
        landed = [outcome.landed for outcome in done]
        assert not any(one.new or one.changed or one.removed for one in landed)


def test_names_and_hashes_do_not_mix(run):
    run()
    _, notes, rows = run(b"key")
    assert notes == dict.fromkeys((entity.name for entity in CHOSEN), NOTE)
    hashed = [Names(b"key").hashed(name) for name in ("Ann", "Bob")]
    assert sorted(rows) == sorted([*hashed, f'{{"customerName":"{hashed[0]}","id":null}}'])
    _, notes, rows = run()
    assert len(notes) == len(CHOSEN)
    assert rows[:2] == ["Ann", "Bob"]


def test_another_key_reads_anew(run):
    run(b"key")
    _, notes, rows = run(b"another key")
    assert len(notes) == len(CHOSEN)
    assert Names(b"another key").hashed("Ann") in rows


def test_an_entity_that_was_not_chosen_is_read_anew_when_it_is(run):
    run()
    _, notes, _ = run(b"key", CHOSEN[:1])
    assert list(notes) == ["customers"]
    _, notes, _ = run(b"key")
    assert list(notes) == ["job_types", "gross_pay_items"]


def test_a_field_that_becomes_personal_is_gone_after_the_next_run(run, tenant, monkeypatch):
    """As after an update of the project that knows more fields."""
    run()
    monkeypatch.setattr(privacy_change, "rule", lambda names: "what the next version leaves out")
    done, notes, _ = run()
    assert len(notes) == len(CHOSEN)
    assert tenant.asked("customers")[-1] == {}
    done, notes, _ = run()
    assert notes == {}
    assert not any(outcome.landed.changed for outcome in done)
