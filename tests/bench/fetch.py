"""The floor of extraction: fetch and decode every page that a first sync reads, and land nothing.

    python -m tests.bench.fetch [entity ...]

The settings, the client and the walks are the extractor's own. Prints the number of records.
"""

import sys
from datetime import UTC, datetime

from extract import config, entities, pages
from extract.client import Client


def main() -> int:
    client = Client(config.load())
    known = entities.load()
    total = sum(_count(client, known[name]) for name in sys.argv[1:] or known)
    sys.stdout.write(f"{total}\n")
    return 0


def _count(client: Client, entity: entities.Entity) -> int:
    if entity.feed == "export":
        read = pages.export(client.get, entity.path, entity.params, None)
        return sum(len(page.records) for page in read)
    if entity.feed == "windows":
        read = pages.day_windows(
            client.get,
            entity.path,
            entity.params,
            field=entity.day,
            first=None,
            last=None,
            today=datetime.now(UTC).date(),
        )
        return sum(len(window.records) for window in read)
    seen: set[int] = set()
    total = 0
    for page in pages.whole_list(client.get, entity.path, entity.params, lambda: len(seen)):
        seen.update(record[entity.key] for record in page.records)
        total += len(page.records)
    return total


if __name__ == "__main__":
    sys.exit(main())
