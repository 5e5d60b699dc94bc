"""The docs site: dbt's documentation of every table, KPI, seed and macro as one HTML file.

    python docs/site.py [--serve PORT]

Writes build/docs/index.html, which opens without a network, and serves it where a port is given.
Types and row counts come from the warehouse of the settings; where none is set and no kpis.duckdb
is there, from that of the demo, which is built where it is missing.
"""

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from rich.console import Console

PROJECT = Path(__file__).resolve().parent.parent
STYLE = Path(__file__).with_name("site.css")
# A target folder of its own: the last build's results in target/ stay.
TARGET = PROJECT / "target" / "docs"
PAGE = PROJECT / "build" / "docs" / "index.html"
HOST = "127.0.0.1"

say = Console(highlight=False, soft_wrap=True).print


class SiteError(Exception):
    """The site cannot be made or served; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Makes the site, and serves it until it is interrupted. Returns 0, or 1 with a message."""
    parser = argparse.ArgumentParser(
        prog="python docs/site.py",
        description=__doc__.splitlines()[0],
    )
    parser.add_argument("--serve", type=int, metavar="PORT", help="serve it on this port")
    port = parser.parse_args(arguments).serve
    try:
        page = make(settings())
        say(f"The docs site: {page} ({page.stat().st_size / 1e6:.1f} MB)")
        if port is not None:
            serve(page, port)
    except SiteError as error:
        say(str(error), style="red", markup=False)
        return 1
    return 0


def settings() -> dict[str, str]:
    """The environment with the warehouse that is described; builds the demo's if there is none.

    Raises SiteError where a DuckDB file is set that is not there: dbt would make an empty one.
    """
    environment = dict(os.environ)
    named = environment.get("KPI_DUCKDB_PATH")
    if environment.get("KPI_TARGET") == "prod":
        return environment
    if named:
        if not (PROJECT / named).exists():
            raise SiteError(
                f"there is no warehouse {named} (KPI_DUCKDB_PATH): make build first, or take the "
                "demo's: make docs KPI_DUCKDB_PATH=demo.duckdb after make demo"
            )
        return environment
    if (PROJECT / "kpis.duckdb").exists():
        return environment
    demo = PROJECT / "demo.duckdb"
    if not demo.exists():
        say("No warehouse is there yet: the demo's is built first, for the types of the columns")
        run = subprocess.run([sys.executable, "-m", "simulator.demo"], cwd=PROJECT, check=False)
        if run.returncode:
            raise SiteError("the demo failed; what it says stands above")
    return environment | {"KPI_DUCKDB_PATH": str(demo)}


def make(environment: dict[str, str], target: Path = TARGET, page: Path = PAGE) -> Path:
    """Writes the site to `page` and returns it. Raises SiteError with dbt's last words."""
    words = ["docs", "generate", "--static", "--target-path", target]
    run = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--no-use-colors", *words],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SiteError(f"dbt docs generate failed:\n{run.stdout[-2000:]}")
    unbuilt = _not_in_the_warehouse(target)
    if unbuilt:
        say(f"Without types, for the warehouse does not have them yet: {', '.join(unbuilt)}")
    html = (target / "static_index.html").read_text()
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(html.replace("</head>", f"<style>\n{STYLE.read_text()}</style></head>", 1))
    return page


def serve(page: Path, port: int) -> None:
    """Serves the folder of `page` to this machine until Ctrl-C. Raises SiteError."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(page.parent))
    try:
        server = ThreadingHTTPServer((HOST, port), handler)
    except OSError as error:
        raise SiteError(
            f"port {port} cannot be used ({error.strerror}): make docs SERVE=another, or only "
            "build: make docs SERVE="
        ) from None
    with server:
        say(f"http://{HOST}:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("")


def _not_in_the_warehouse(target: Path) -> list[str]:
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    found = json.loads((target / "catalog.json").read_text())["nodes"]
    return sorted(
        node["name"]
        for key, node in nodes.items()
        if node["resource_type"] in ("model", "seed", "snapshot") and key not in found
    )


if __name__ == "__main__":
    sys.exit(main())
