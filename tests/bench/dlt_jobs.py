"""Loads all jobs with dlt into DuckDB, for an environment that has dlt and nothing of ours.

    DLT_PYTHON tests/bench/dlt_jobs.py warehouse.duckdb

As its documentation has it for an API like this one: a `rest_api` source, the JSON cursor paginator
on `continueFrom`, parquet files loaded into DuckDB. Reads the tenant's settings from the
environment. Prints the number of jobs.
"""

import os
import sys
from tempfile import TemporaryDirectory

import dlt
import duckdb
import requests
from dlt.sources.rest_api import rest_api_source


def main(warehouse: str) -> int:
    environment = os.environ
    tenant = environment["SERVICETITAN_TENANT_ID"]
    answer = requests.post(
        f"{environment['SERVICETITAN_AUTH_URL']}/connect/token",
        data={
            "grant_type": "client_credentials",
            "client_id": environment["SERVICETITAN_CLIENT_ID"],
            "client_secret": environment["SERVICETITAN_CLIENT_SECRET"],
        },
        timeout=60,
    )
    answer.raise_for_status()
    source = rest_api_source(
        {
            "client": {
                "base_url": environment["SERVICETITAN_API_URL"],
                "headers": {"ST-App-Key": environment["SERVICETITAN_APP_KEY"]},
                "auth": {"type": "bearer", "token": answer.json()["access_token"]},
                "paginator": {
                    "type": "cursor",
                    "cursor_path": "continueFrom",
                    "cursor_param": "from",
                    "has_more_path": "hasMore",
                },
            },
            "resources": [
                {
                    "name": "jobs",
                    "primary_key": "id",
                    "write_disposition": "replace",
                    "endpoint": {
                        "path": f"jpm/v2/tenant/{tenant}/export/jobs",
                        "data_selector": "data",
                    },
                }
            ],
        }
    )
    with TemporaryDirectory() as state:
        pipeline = dlt.pipeline(
            "jobs",
            pipelines_dir=state,
            destination=dlt.destinations.duckdb(warehouse),
            dataset_name="raw",
        )
        pipeline.run(source, loader_file_format="parquet")
    with duckdb.connect(warehouse, read_only=True) as connection:
        (count,) = connection.execute("select count(distinct id) from raw.jobs").fetchone()
    sys.stdout.write(f"{count}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
