"""The simulator as tests use it: a real process on a free loopback port with a database of its own."""

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from launcher.children import stop as stop_child
from tests.services import children

ROOT = Path(__file__).resolve().parents[2]
BASE_PATH = "/Subscriptions/v2.0/api/Subscription/"
DEFAULTS = {
    "latency_ms": 0,
    "extensions": dict.fromkeys(
        ("softcancel", "recreate", "reduce", "effective_at", "details", "find", "deduplication"), True
    ),
}


class SimulatorProcess:
    """Start, steer through its JSON API, stop. environment adds to or replaces its settings."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._log = folder / "simulator.log"
        settings = {"SIMULATOR_PORT": "0", "SIMULATOR_DB": str(folder / "vendor.db"), **environment}
        self._child = children.start(
            [sys.executable, "-m", "simulator"], log=self._log, cwd=ROOT, env={**os.environ, **settings}
        )
        self.address = self._address()
        self.vendor_url = self.address + BASE_PATH

    def _address(self) -> str:
        until = time.monotonic() + 15
        while time.monotonic() < until and self._child.poll() is None:
            line = self._log.read_text()
            if line.endswith("\n"):
                return line.split()[-1]
            time.sleep(0.02)
        raise RuntimeError(f"The simulator does not start:\n{self._log.read_text()}")

    def stop(self) -> None:
        stop_child(self._child)

    def reset(self) -> None:
        """No fault, no latency, every extension; the ledger stays."""
        self._ask("DELETE", "/control/faults")
        self.settings(**DEFAULTS)

    def fault(self, kind: str, **rule: Any) -> None:
        """Add one rule."""
        self._ask("POST", "/control/faults", {"kind": kind, **rule})

    def settings(self, **settings: Any) -> None:
        """Change latency_ms or extensions."""
        self._ask("POST", "/control/settings", settings)

    def ledger(self, reference: str | None = None) -> list[dict[str, Any]]:
        """Requests with their answers and effects, newest first."""
        query = "" if reference is None else f"?reference={reference}"
        return self._ask("GET", f"/control/ledger{query}")["rows"]

    def effects(self, reference: str) -> int:
        """How often a reference took effect."""
        return sum(row["effect_id"] is not None for row in self.ledger(reference))

    def licences(self) -> dict[str, dict[str, Any]]:
        """Every licence by its Subscription ID."""
        return {row["subscription_id"]: row for row in self._ask("GET", "/control/licences")["licences"]}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=content, method=method)  # noqa: S310  loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read())
