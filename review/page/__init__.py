"""The weekly business review: one HTML file that opens without a network."""

from datetime import UTC, datetime
from pathlib import Path

from extract import config
from review.page.definitions import kpi_definitions
from review.page.document import html_document
from review.page.reading import read
from review.page.shaping import shaped
from review.warehouse import ReviewError


def write_page(settings: config.Warehouse, path: Path) -> int:
    """Writes the review of the warehouse's last build to `path`; returns its size in bytes.

    Raises ReviewError where there is no build to show or the file cannot be written.
    """
    tables = read(settings)
    page = html_document(*shaped(tables, datetime.now(UTC)), kpi_definitions())
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ReviewError(
            f"cannot write {path}: {error.strerror}; say another file: make review OUT=FILE"
        ) from None
    return path.stat().st_size
