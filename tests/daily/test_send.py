"""The webhook: what it gets, what is said where it does not take it, and that nobody sees it."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from daily import send
from extract import config
from extract.errors import SettingsError

SECRET = "/services/T0001/hidden-part"


@contextmanager
def receiver(*answers):
    """A webhook that gives these answers, the last for good: a status, with headers, or seconds
    that it waits before it gives 200. Yields its address and what it got."""
    got, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers, json.loads(body)))
            answer = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(answer, float):
                time.sleep(answer)
                answer = (200, {})
            status, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{SECRET}", got
    finally:
        server.shutdown()
        server.server_close()


OK, ERROR = (200, {}), (500, {})


def test_the_text_arrives_as_the_one_field_that_all_webhooks_read():
    with receiver(OK) as (address, got):
        assert send.send(address, "KPIs: nothing to do\n– 2 ≠ 3 –") is None
    ((path, headers, body),) = got
    assert path == SECRET
    assert headers["Content-Type"] == "application/json"
    assert body == {"text": "KPIs: nothing to do\n– 2 ≠ 3 –"}


def test_a_receiver_that_is_back_at_the_third_try_gets_it_once():
    pauses = []
    with receiver(ERROR, (503, {"Retry-After": "2"}), OK) as (address, got):
        assert send.send(address, "x", pauses.append) is None
    assert len(got) == 3
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize(
    ("answers", "said", "tries"),
    [
        ([ERROR], "it answers 500, tried 3 times", 3),
        ([(404, {})], "it answers 404; check KPI_ALERT_TO", 1),
        ([(302, {"Location": "http://127.0.0.1:1/"})], "it answers 302; check KPI_ALERT_TO", 1),
        ([(429, {"Retry-After": "600"})], "it answers 429 and asks to wait 600 seconds", 1),
        ([1.0], "no answer in time, tried 3 times", 3),
    ],
)
def test_what_it_does_not_take_is_said_in_one_line(answers, said, tries, monkeypatch):
    monkeypatch.setattr(send, "TIMEOUT", (1.0, 0.2))
    with receiver(*answers) as (address, got):
        assert send.send(address, "x", lambda _: None) == said
    assert len(got) == tries


def test_a_receiver_that_is_down_is_said_without_its_address():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}{SECRET}"
        said = send.send(address, "x", lambda _: None)
    assert said == "no answer (ConnectionError), tried 3 times"


def test_a_name_calls_nobody():
    with receiver(OK) as (address, got):
        send.send(address, "job type <!channel>, the scope A > B")
    assert got[0][2] == {"text": "job type ‹!channel>, the scope A > B"}


def test_a_long_text_is_cut_after_a_line():
    lines = [f"- line {n} – of many" for n in range(1000)]
    with receiver(OK) as (address, got):
        send.send(address, "\n".join(lines))
    text = got[0][2]["text"]
    assert len(text.encode()) <= send.LONGEST_TEXT
    *kept, last = text.split("\n")
    assert kept == lines[: len(kept)]
    assert len(kept) > 100
    assert last == "… the rest is in the file of the run"


@pytest.mark.parametrize(
    "value",
    ["chat.example.com/hook", "ftp://x/hook", "https://", "https://x:port/hidden", "https://a b/c"],
)
def test_an_address_that_cannot_be_one_is_named_and_not_shown(value, tmp_path):
    with pytest.raises(SettingsError) as error:
        config.alert_to({"KPI_ALERT_TO": value}, tmp_path / "none")
    assert "KPI_ALERT_TO is wrong" in str(error.value)
    assert value not in str(error.value)


def test_without_the_setting_nobody_is_told(tmp_path):
    assert config.alert_to({"KPI_ALERT_TO": " "}, tmp_path / "none") is None
    address = "https://chat.example.com/hook?key=a"
    (tmp_path / ".env").write_text(f"KPI_ALERT_TO={address}\n")
    assert config.alert_to({}, tmp_path / ".env") == address
