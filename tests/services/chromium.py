"""Where a real Chromium is."""

import shutil

from tests.services.missing import not_run

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The installed Chromium."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def path() -> str:
    """The installed Chromium; the test is reported NOT RUN where there is none."""
    return find() or not_run("Chromium is not installed")
