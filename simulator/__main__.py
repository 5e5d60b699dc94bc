"""python -m simulator serve: an invented tenant on loopback until Ctrl-C."""

import argparse
import sys
import threading
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator import SIZES, build_tenant, serve


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        message = f"{name!r} is no time zone; write one such as America/Phoenix"
        raise argparse.ArgumentTypeError(message) from None
    return name


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2025-12-31") from None


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _milliseconds(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of milliseconds")
    return int(text)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "serve", help="invent a tenant, serve its API and print the settings for the extractor"
    )
    command.add_argument("--seed", type=int, default=1, help="another seed, another tenant")
    command.add_argument(
        "--weeks", type=_positive, help="default 70; all of 2020-2025 for size real"
    )
    command.add_argument("--size", choices=SIZES, default="small", help="default %(default)s")
    command.add_argument(
        "--timezone",
        type=_zone,
        default="America/Phoenix",
        help="where its people work, default %(default)s",
    )
    command.add_argument(
        "--last-day",
        type=_day,
        default=date(2025, 12, 31),
        help="the tenant's today, default %(default)s",
    )
    command.add_argument("--port", type=int, default=0, help="default: a free one")
    command.add_argument(
        "--page-size",
        type=_positive,
        default=1_000,
        help="records on an export page, default %(default)s",
    )
    command.add_argument(
        "--latency",
        type=_milliseconds,
        default=0,
        help="milliseconds before each answer, default none",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; exit 0 after Ctrl-C, 2 for bad arguments or a taken port."""
    options = _arguments(argv)
    tenant = build_tenant(
        seed=options.seed,
        weeks=options.weeks,
        size=options.size,
        timezone=options.timezone,
        last_day=options.last_day,
    )
    try:
        with serve(tenant, page_size=options.page_size, port=options.port) as api:
            api.latency = options.latency / 1_000
            for name, value in api.environment().items():
                sys.stdout.write(f"export {name}={value}\n")
            sys.stdout.flush()
            sys.stderr.write(
                f"{tenant.counts().total():,} records up to {tenant.last_day}; Ctrl-C ends it\n"
            )
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        sys.stderr.write(f"cannot serve on port {options.port}: {error.strerror}; try --port 0\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
