"""Sending the summary to the chat webhook that KPI_ALERT_TO names."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import requests

from extract.client import SERVER_FAULTS

TRIES = 3
PAUSES = (1.0, 4.0)  # seconds before the second and the third try
LONGEST_PAUSE = 15.0  # seconds; a receiver that asks to wait for longer is not waited for
TIMEOUT = (5.0, 10.0)  # seconds to connect, to answer
RETRIED = frozenset({408, 425, 429}) | SERVER_FAULTS
# Google Chat takes 4,096 bytes, the others more.
LONGEST_TEXT = 4_000
CUT = "\n… the rest is in the file of the run"
# Slack would read <…> as a link or a call to everybody; a name may hold one.
NO_LINKS = str.maketrans("<", "‹")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def send(address: str, text: str, sleep: Callable[[float], object] = time.sleep) -> str | None:
    """Posts `{"text": text}`, which Slack, Teams and Google Chat read. Returns None, or in one line
    why it did not arrive; never the address, which is a secret, and nothing is raised."""
    fault = ""
    for attempt in range(1, TRIES + 1):
        asked: float | None = None
        try:
            with _session(address) as session:
                answer = session.post(
                    address,
                    json={"text": shortened(text.translate(NO_LINKS))},
                    timeout=TIMEOUT,
                    # A redirect would carry the text to wherever it points.
                    allow_redirects=False,
                    auth=lambda prepared: prepared,  # none from ~/.netrc
                    stream=True,  # what it answers beside its status is nobody's concern
                )
                answer.close()
            if answer.ok and not answer.is_redirect:
                return None
            fault = f"it answers {answer.status_code}"
            if answer.status_code not in RETRIED:
                return f"{fault}; check KPI_ALERT_TO"
            asked = _asked_wait(answer)
        except requests.Timeout:
            fault = "no answer in time"  # it may have arrived; twice is better than never
        except (requests.RequestException, ValueError) as error:
            fault = f"no answer ({type(error).__name__})"  # its text would name the address
        if attempt < TRIES:
            pause = PAUSES[attempt - 1] if asked is None else asked
            if pause > LONGEST_PAUSE:
                return f"{fault} and asks to wait {pause:.0f} seconds"
            sleep(pause)
    return f"{fault}, tried {TRIES} times"


def shortened(text: str) -> str:
    """The text, cut after a whole line where a webhook would not take it."""
    if len(text.encode()) <= LONGEST_TEXT:
        return text
    lines: list[str] = []
    room = LONGEST_TEXT - len(CUT.encode())
    for line in text.splitlines():
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append(line)
    return "\n".join(lines) + CUT


def _session(address: str) -> requests.Session:
    session = requests.Session()
    # A receiver on this machine is not reached through the environment's proxy.
    session.trust_env = urlsplit(address).hostname not in LOOPBACK
    return session


def _asked_wait(answer: requests.Response) -> float | None:
    header = answer.headers.get("Retry-After", "").strip()
    return float(header) if header.isdigit() else None
