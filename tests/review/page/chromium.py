"""Debian's Chromium, headless, with a new profile, and what the tests ask of it."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver

PROGRAM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

needed = pytest.mark.skipif(
    PROGRAM is None or DRIVER is None,
    reason="no Chromium here: apt-get install chromium chromium-driver",
)


class Browser(webdriver.Chrome):
    def size(self, width: int, height: int) -> None:
        """The page's room in pixels; narrower than 600 is a phone."""
        self.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def open(self, page: Path, **picked: str) -> None:
        """The page, drawn anew, with `week` and `region` picked by its address."""
        self.get("about:blank")
        address = "&".join(f"{name}={value}" for name, value in picked.items())
        self.get(f"{page.as_uri()}#{address}")
        assert self.execute_script("return document.documentElement.dataset.ready") == "yes"

    def pick(self, control: str, value: str) -> None:
        self.execute_script(
            "const control = document.getElementById(arguments[0]); control.value = arguments[1];"
            "control.dispatchEvent(new Event('change'))",
            control,
            value,
        )

    def requests(self) -> list[str]:
        """The addresses of all that was asked for since the last call."""
        messages = [
            json.loads(entry["message"])["message"] for entry in self.get_log("performance")
        ]
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What stood in the console since the last call."""
        return [entry["message"] for entry in self.get_log("browser")]


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = PROGRAM
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = Browser(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()
