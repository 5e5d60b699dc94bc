"""What can go wrong between the extractor and the API, each as a `Fault` of the line.

Every error body carries the secrets of the call it answers: whoever writes it down shows them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from simulator import Request, Response
from simulator.api import APP_KEY, CLIENT_SECRET
from simulator.store import decode, encode
from tests.faults.office import Ask, Fault, bearer

Spoil = Callable[[Request, Response], Response]
Record = dict[str, Any]


# -- when ------------------------------------------------------------------------------------


def first_time(*spoils: Spoil) -> Fault:
    """The first answers to every single question are spoilt, one after the other, the next one
    is as it should be."""
    asked: Counter[str] = Counter()

    def fault(request: Request, ask: Ask) -> Response:
        question = f"{request.path} {request.params}"
        asked[question] += 1
        ordinary = ask(request)
        turn = asked[question] - 1
        return spoils[turn](request, ordinary) if turn < len(spoils) else ordinary

    return fault


def always(spoil: Spoil, of: tuple[str | None, ...] | None = None, after: int = 0) -> Fault:
    """Every answer is spoilt (of the entities named in `of`, None = the token), but for the first
    `after` ones."""
    count = Counter()

    def fault(request: Request, ask: Ask) -> Response:
        if of is not None and request.entity not in of:
            return ask(request)
        count["met"] += 1
        ordinary = ask(request)
        return ordinary if count["met"] <= after else spoil(request, ordinary)

    return fault


# -- what ------------------------------------------------------------------------------------


def echo(request: Request) -> str:
    return " ".join(["bad request of", CLIENT_SECRET, APP_KEY, *bearer(request)])


def status(number: int, **headers: str) -> Spoil:
    """An error in the API's own form."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def spoil(request: Request, _: Response) -> Response:
        body = {"title": echo(request), "errors": {"header": [echo(request)]}, "traceId": "tr-1"}
        return Response(number, msgspec.json.encode(body), named)

    return spoil


def titled(number: int, title: str) -> Spoil:
    """An error that says all in its title."""
    return lambda request, _: Response(
        number, msgspec.json.encode({"title": f"{title} ({echo(request)})"})
    )


def html(number: int) -> Spoil:
    """A page for people, as load balancers send them."""
    return lambda request, _: Response(
        number, f"<html>{echo(request)}</html>".encode(), {"Content-Type": "text/html"}
    )


def dropped(request: Request, ordinary: Response) -> Response:
    """The connection ends before any answer."""
    return Response(dropped=True)


def cut(share: float) -> Spoil:
    """The connection ends inside the body, or with 0 in front of it."""
    return lambda _, ordinary: replace(ordinary, sent=int(len(ordinary.body) * share))


def closed_after(request: Request, ordinary: Response) -> Response:
    """The whole body comes, then the connection ends without a word."""
    return replace(ordinary, sent=len(ordinary.body))


def half_json(request: Request, ordinary: Response) -> Response:
    """Half of the body, promised as if it were all."""
    return replace(ordinary, body=ordinary.body[: len(ordinary.body) // 2])


def body(raw: bytes) -> Spoil:
    """A 200 that holds something else."""
    return lambda *_: Response(200, raw)


def edited(entity: str, change: Callable[[Record], Record]) -> Fault:
    """Every record of an entity comes changed."""
    return pages_of(
        entity, lambda _, page: {**page, "data": [change(record) for record in page["data"]]}
    )


def pages_of(entity: str, change: Callable[[Request, Record], Record]) -> Fault:
    """Every page of an entity comes changed."""

    def fault(request: Request, ask: Ask) -> Response:
        ordinary = ask(request)
        if request.entity != entity or ordinary.status != 200:
            return ordinary
        return Response(200, encode(change(request, decode(ordinary.body))))

    return fault


# -- feeds that misbehave ----------------------------------------------------------------------


def repeating(entity: str) -> Fault:
    """An export that gives the records of the page before once more with every page."""
    before: list[Record] = []

    def change(_: Request, page: Record) -> Record:
        nonlocal before
        again, before = before, page["data"]
        return {**page, "data": [*page["data"], *again]}

    return pages_of(entity, change)


def empty_between(entity: str) -> Fault:
    """An export with an empty page, and more to come, in front of every page."""

    def fault(request: Request, ask: Ask) -> Response:
        if request.entity != entity:
            return ask(request)
        token = request.params.get("from", "")
        if not token.startswith("behind:"):
            page = {"hasMore": True, "continueFrom": f"behind:{token}", "data": []}
            return Response(200, encode(page))
        behind = token.removeprefix("behind:")
        asked = {name: value for name, value in request.params.items() if name != "from"}
        return ask(replace(request, params={**asked, **({"from": behind} if behind else {})}))

    return fault


def same_token(entity: str) -> Fault:
    """An export that gives the same page with the same token for ever."""

    def fault(request: Request, ask: Ask) -> Response:
        if request.entity != entity:
            return ask(request)
        page = decode(ask(replace(request, params={})).body)
        return Response(200, encode({**page, "hasMore": True, "continueFrom": "again"}))

    return fault


def refused_tokens(entity: str) -> Fault:
    """Every token given out so far is refused; a day, and what is given out now, is taken."""
    fresh: set[str] = set()

    def fault(request: Request, ask: Ask) -> Response:
        start = request.params.get("from")
        if request.entity == entity and start and len(start) > 10 and start not in fresh:
            return status(400)(request, Response())
        ordinary = ask(request)
        if request.entity == entity and ordinary.status == 200:
            fresh.add(decode(ordinary.body)["continueFrom"])
        return ordinary

    return fault


def shifting(entity: str, size: int) -> Fault:
    """A list in pages of `size` whose first walk loses the record at each cut: one in front of it
    has gone, so that all slide forward by one place."""
    walks = Counter()

    def fault(request: Request, ask: Ask) -> Response:
        if request.entity != entity:
            return ask(request)
        number = int(request.params["page"])
        whole = decode(ask(replace(request, params={**request.params, "page": "1"})).body)
        walks["begun"] += number == 1
        slid = number - 1 if walks["begun"] == 1 else 0
        first = (number - 1) * size + slid
        page = {
            "page": number,
            "pageSize": size,
            "hasMore": first + size < len(whole["data"]),
            "totalCount": len(whole["data"]),
            "data": whole["data"][first : first + size],
        }
        return Response(200, encode(page))

    return fault


def at_call(moments: dict[int, Callable[[], Any]]) -> Fault:
    """Something happens in front of the n-th answer; the answers themselves are good."""
    count = Counter()

    def fault(request: Request, ask: Ask) -> Response:
        count["calls"] += 1
        if happens := moments.get(count["calls"]):
            happens()
        return ask(request)

    return fault
