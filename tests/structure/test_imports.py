"""Imports go down only (docs/architecture.md has the same table in words)."""

import sys
from pathlib import Path

import pytest

from tests.structure import source

ROOMS = {source.room(path) for path in source.product_files()}
ANYTHING = ROOMS
# A room may import itself, and what stands beside it here. The clock is asked at the edges only.
BELOW = {
    "app": ANYTHING,
    "cli": ANYTHING,
    "cli_text": {"queries"},
    "health": {"config", "database", "jobs.dispatch", "queries"},
    "admin_views": {
        *("operations", "queries", "reports", "exports", "imports", "access", "auth", "licensing", "models"),
        "file_models",
        *(
            "jobs.dispatch.wake",
            "jobs.dispatch.wake_adoption",
            "jobs.dispatch.wake_drain",
            "jobs.dispatch.wake_export",
            "jobs.dispatch.wake_sheet",
            "assets",
            "clock",
            "config",
        ),
    },
    "jobs": {
        *("operations", "queries", "reports", "exports", "gateways", "access", "licensing", "database", "config"),
        "clock",
    },
    "demo": {"operations", "queries", "models", "database", "access", "auth", "licensing", "config", "clock"},
    "reports": {"queries", "licensing", "access"},
    "exports": set(),
    "imports": {"licensing"},
    "operations": {"models", "file_models", "database", "queries", "imports", "access", "auth", "licensing"},
    "queries": {"models", "file_models", "database", "access", "licensing"},
    "auth": {"models", "database", "access", "clock", "licensing.states"},
    "gateways": {"licensing"},
    "file_models": {"models", "database"},
    "models": {"database", "access", "licensing.states"},
    "migrations": {"database"},
    "database": {"tenant_wall"},
    "tenant_wall": set(),
    "simulator": set(),
    "config": {"clock"},
    "clock": {"licensing"},
    "assets": set(),
    "access": set(),
    "licensing": set(),
    "logs": set(),
    "gunicorn.conf": {"logs"},
    "web_worker": set(),
    "run": {"launcher"},
    "launcher": set(),
}
STANDARD_LIBRARY_ONLY = ("access", "licensing", "launcher", "run", "clock", "config")
NOT_FOR = {
    "operations": {"flask", "rq", "redis", "httpcore", "socket", "subprocess", "http"},
    "queries": {"flask", "rq", "redis", "httpcore"},
    "gateways": {"flask", "rq", "redis", "peewee"},
    "exports": {"flask", "peewee"},
    "imports": {"flask", "peewee"},
    "models": {"flask", "flask_admin"},
    "file_models": {"flask", "flask_admin"},
}
SHARED_BY_GATEWAYS = ("gateways.base", "gateways.http_deadline", "gateways.http_outcomes")
PURE = ("licensing", "access", "operations", "queries", "reports", "exports", "imports")


def _is_below(name: str, allowed: set[str]) -> bool:
    return any(name == entry or name.startswith(f"{entry}.") for entry in allowed)


def _imports(room: str) -> list[tuple[Path, str]]:
    return [
        (path, name)
        for path in source.product_files()
        if source.room(path) == room
        for name in source.modules_imported(path)
    ]


def test_every_room_has_its_place_in_the_table():
    assert BELOW.keys() >= ROOMS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_what_lies_below_it(room):
    allowed = BELOW[room] | {room}
    upward = [
        f"{path}: {name}"
        for path, name in _imports(room)
        if name.split(".")[0] in ROOMS and not _is_below(name, allowed)
    ]
    assert upward == []


@pytest.mark.parametrize("room", STANDARD_LIBRARY_ONLY)
def test_pure_rooms_and_the_launcher_need_no_package(room):
    foreign = [
        f"{path}: {name}"
        for path, name in _imports(room)
        if name.split(".")[0] not in {*sys.stdlib_module_names, *ROOMS}
    ]
    assert foreign == []


@pytest.mark.parametrize("room", sorted(NOT_FOR))
def test_a_room_stays_away_from_the_libraries_of_other_rooms(room):
    wrong = [f"{path}: {name}" for path, name in _imports(room) if name.split(".")[0] in NOT_FOR[room]]
    assert wrong == []


def test_a_gateway_knows_only_the_common_base_and_itself():
    wrong = [
        f"{path}: {name}"
        for path, name in _imports("gateways")
        if name.startswith("gateways.")
        and len(path.parts) > 2
        and not _is_below(name, {*SHARED_BY_GATEWAYS, ".".join(path.parts[:2])})
    ]
    assert wrong == []


def test_only_dispatch_and_the_worker_import_rq():
    importers = {
        str(path)
        for path in source.product_files()
        if any(name.split(".")[0] == "rq" for name in source.modules_imported(path))
    }
    assert importers <= {"jobs/dispatch.py", "jobs/worker.py"}


def test_only_the_edges_ask_what_time_it_is():
    asks = ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time(", "real_now(")
    asking = [
        f"{path}: {ask}"
        for path in source.product_files()
        if source.room(path) in PURE
        for ask in asks
        if ask in source.text(path)
    ]
    assert asking == []
