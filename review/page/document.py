"""One HTML file: the template with its style, scripts and data inside."""

import base64
import gzip
import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from review.page.kpis import KPIS

HERE = Path(__file__).parent
STYLES = ("vendor/uPlot.min.css", "assets/page.css", "assets/print.css")
SCRIPTS = (
    "vendor/uPlot.iife.min.js",
    *(
        f"assets/{name}.js"
        for name in ("format", "elements", "numbers", "charts", "records", "week", "health", "main")
    ),
)


def html_document(at_once: dict, records: dict, definitions: dict[str, str]) -> str:
    """The page. `definitions`: KPI -> HTML of our own making; all else is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "assets"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("page.html").render(
        styles=Markup("\n".join((HERE / name).read_text() for name in STYLES)),
        scripts=Markup("\n".join((HERE / name).read_text() for name in SCRIPTS)),
        data=Markup(_json(at_once)),
        records=Markup(_packed(records)),
        kpis=KPIS,
        definitions={name: Markup(html) for name, html in definitions.items()},
    )


def _json(data: dict) -> str:
    """JSON that cannot end the element it stands in, whatever the texts in it are."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _packed(data: dict) -> str:
    """Compressed; the page unpacks it when the first number is opened."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
