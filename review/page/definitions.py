"""The KPIs' definitions, from the doc blocks that models and seeds use."""

import re

from markdown_it import MarkdownIt

from extract import config
from review.page.kpis import NAMES
from review.warehouse import ReviewError

BLOCK = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)


def kpi_definitions() -> dict[str, str]:
    """KPI -> its definition as HTML. Raises ReviewError where a doc block is missing."""
    blocks = {
        name: text
        for path in sorted((config.PROJECT / "models").rglob("*.md"))
        for name, text in BLOCK.findall(path.read_text(encoding="utf-8"))
    }
    if missing := [name for name in NAMES if name not in blocks]:
        raise ReviewError(f"no doc block in models/*.md defines {', '.join(missing)}")
    markdown = MarkdownIt("commonmark", {"html": False})
    return {name: markdown.render(blocks[name].strip()) for name in NAMES}
