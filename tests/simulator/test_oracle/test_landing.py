"""The rows as tables of a DuckDB file."""

from decimal import Decimal

import duckdb
import pytest

from simulator import oracle

from .tiny import AS_OF, completed, estimate, invoice, oct_, sales_job, tenant

AMOUNT = Decimal("1234567890123456.123456789")  # more digits than a double keeps
TYPES = {
    "event_date": "DATE",
    "business_unit": "VARCHAR",
    "region": "VARCHAR",
    "lead_count": "INTEGER",
    "total_booked": "DECIMAL(38,9)",
    "dollars_produced": "DECIMAL(38,9)",
    "gpm_percent": "DOUBLE",
    "dollars_collected": "DECIMAL(38,9)",
    "num_estimates": "INTEGER",
    "close_rate_percent": "DOUBLE",
    "future_bookings": "DECIMAL(38,9)",
    "warranty_percent": "DOUBLE",
    "outstanding_ar": "DECIMAL(38,9)",
}


def records(amount=AMOUNT):
    """One of three jobs sold, in a unit whose name needs care in any text file."""
    return tenant(
        business_units=[{"id": 1, "name": 'Smith, "Jo" & O\'Neil\\n null'}],
        jobs=[sales_job(n, **completed(oct_(21))) for n in (1, 2, 3)],
        estimates=[estimate(subtotal=amount)],
        invoices=[invoice(unit=1)],
    )


def test_the_tables_hold_the_rows_exactly(tmp_path):
    path = tmp_path / "kpi.duckdb"
    oracle.land(path, records(), as_of=AS_OF)
    with duckdb.connect(str(path)) as warehouse:
        for table in oracle.TABLES:
            found = warehouse.sql(f"select * from st_oracle.{table} order by event_date")
            expected = oracle.kpi_table(table, records(), as_of=AS_OF)
            assert [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()] == (
                expected
            )
            assert dict(zip(found.columns, map(str, found.types), strict=True)) == {
                column: TYPES[column] for column in expected[0]
            }


def test_landing_again_replaces_the_tables_also_by_empty_ones():
    warehouse = duckdb.connect()
    oracle.land(warehouse, records(), as_of=AS_OF)
    oracle.land(warehouse, tenant(), as_of=AS_OF)
    assert warehouse.sql("from st_oracle.daily_kpis").fetchall() == []
    for table, absent in [("daily_kpis", "region"), ("daily_kpis_region", "business_unit")]:
        empty = warehouse.sql(f"from st_oracle.{table}")
        types = dict(zip(empty.columns, map(str, empty.types), strict=True))
        assert types == {column: TYPES[column] for column in TYPES if column != absent}


def test_ten_decimals_are_refused_by_name_and_nothing_lands():
    warehouse = duckdb.connect()
    with pytest.raises(ValueError, match=r"total_booked of Smith.* on 2025-10-21 is 1\.0000000001"):
        oracle.land(warehouse, records(Decimal("1.0000000001")), as_of=AS_OF)
    assert warehouse.sql("from duckdb_tables()").fetchall() == []


def test_zeros_behind_the_ninth_decimal_are_no_decimals():
    warehouse = duckdb.connect()
    oracle.land(warehouse, records(Decimal("1.50000000000")), as_of=AS_OF)
    booked = warehouse.sql("select max(total_booked) from st_oracle.daily_kpis").fetchone()
    assert booked == (Decimal("1.5"),)
