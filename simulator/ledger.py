"""The vendor's database: licences as they stand, and a ledger of requests, answers and effects that only grows.

SQL only; which effect a command has is rules.py, which answer it gets is service.py.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from simulator.licences import Answer, Call, Licence
from simulator.months import from_column, to_column

SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
  id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, operation TEXT NOT NULL, reference TEXT,
  subscription_id TEXT, fields TEXT NOT NULL, note TEXT);
CREATE INDEX IF NOT EXISTS requests_reference ON requests (reference);
CREATE TABLE IF NOT EXISTS answers (
  id INTEGER PRIMARY KEY, request_id INTEGER NOT NULL REFERENCES requests (id), status INTEGER NOT NULL,
  body TEXT NOT NULL, is_final INTEGER NOT NULL, is_replay INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS answers_request ON answers (request_id);
CREATE TABLE IF NOT EXISTS effects (
  id INTEGER PRIMARY KEY, request_id INTEGER NOT NULL REFERENCES requests (id), executed_at TEXT NOT NULL,
  operation TEXT NOT NULL, reference TEXT, subscription_id TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
  expires_at TEXT, cancelled_at TEXT, is_hard_cancelled INTEGER NOT NULL, customer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS effects_request ON effects (request_id);
CREATE TABLE IF NOT EXISTS licences (
  subscription_id TEXT PRIMARY KEY, activation_code TEXT NOT NULL UNIQUE, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
  customer TEXT NOT NULL, partner TEXT NOT NULL, reseller TEXT NOT NULL, created_at TEXT NOT NULL,
  modified_at TEXT NOT NULL, expires_at TEXT, cancelled_at TEXT, is_hard_cancelled INTEGER NOT NULL,
  last_reference TEXT, paused_at TEXT) WITHOUT ROWID;
"""
LEDGER_TABLES = ("requests", "answers", "effects")
APPEND_ONLY = """
CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;
"""
LICENCE_COLUMNS = (
    "subscription_id, activation_code, sku, quantity, customer, partner, reseller, created_at, modified_at,"
    " expires_at, cancelled_at, is_hard_cancelled, last_reference, paused_at"
)
RECENT = """
SELECT requests.id, received_at, requests.operation, requests.reference, requests.note,
  coalesce(requests.subscription_id, effects.subscription_id) AS subscription_id,
  answers.status, answers.is_replay, json_extract(answers.body, '$.ErrorCode') AS error_code,
  effects.id AS effect_id, executed_at, sku, quantity, expires_at, cancelled_at, is_hard_cancelled
FROM requests
  LEFT JOIN answers ON answers.request_id = requests.id
  LEFT JOIN effects ON effects.request_id = requests.id
WHERE ?1 IS NULL OR requests.reference = ?1 ORDER BY requests.id DESC LIMIT ?2
"""
ANSWER_TO = """
SELECT requests.operation, requests.fields, answers.status, answers.body
FROM requests JOIN answers ON answers.request_id = requests.id
WHERE requests.reference = ? AND is_final ORDER BY answers.status <> 200, answers.id LIMIT 1
"""
ANSWER_TO_ANOTHER = """
SELECT requests.reference, answers.status, answers.body
FROM requests JOIN answers ON answers.request_id = requests.id
WHERE requests.operation = ? AND requests.reference IS NOT ? AND answers.status = 200 ORDER BY answers.id DESC LIMIT 1
"""


class Ledger:
    """One connection behind one lock: the vendor does one thing at a time, which makes each effect atomic."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)
        self._add_missing_columns()
        for table in LEDGER_TABLES:
            for verb in ("UPDATE", "DELETE"):
                self._connection.executescript(APPEND_ONLY.format(table=table, verb=verb))

    def _add_missing_columns(self) -> None:
        """A database of an earlier release goes on."""
        if "paused_at" not in {row["name"] for row in self._rows("PRAGMA table_info(licences)")}:
            self._connection.execute("ALTER TABLE licences ADD COLUMN paused_at TEXT")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, one at a time."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def is_empty(self) -> bool:
        """Whether no licence was ever made."""
        return not self._rows("SELECT 1 FROM licences LIMIT 1")

    def add_request(self, call: Call, received_at: datetime) -> int:
        """Append a received request; gives its number."""
        cursor = self._connection.execute(
            "INSERT INTO requests (received_at, operation, reference, subscription_id, fields, note)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                to_column(received_at),
                call.operation,
                call.reference,
                call.subscription_id,
                fields_column(call),
                call.note,
            ),
        )
        return int(cursor.lastrowid or 0)

    def add_answer(self, request_id: int, answer: Answer, *, is_replay: bool = False) -> None:
        """Append the answer decided for a request, whether or not it will reach anyone."""
        self._connection.execute(
            "INSERT INTO answers (request_id, status, body, is_final, is_replay) VALUES (?, ?, ?, ?, ?)",
            (request_id, answer.status, json.dumps(answer.body), answer.is_final, is_replay),
        )

    def add_effect(self, request_id: int, call: Call, licence: Licence) -> None:
        """Append what a command did, and let the licence stand so."""
        self._connection.execute(
            "INSERT INTO effects (request_id, executed_at, operation, reference, subscription_id, sku, quantity,"
            " expires_at, cancelled_at, is_hard_cancelled, customer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                request_id,
                to_column(licence.modified_at),
                call.operation,
                call.reference,
                licence.subscription_id,
                licence.sku,
                licence.quantity,
                to_column(licence.expires_at),
                to_column(licence.cancelled_at),
                licence.is_hard_cancelled,
                json.dumps(licence.customer),
            ),
        )
        self._put_licence(licence)

    def _put_licence(self, licence: Licence) -> None:
        self._connection.execute(
            f"INSERT OR REPLACE INTO licences ({LICENCE_COLUMNS})"  # noqa: S608  our own column names
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                licence.subscription_id,
                licence.activation_code,
                licence.sku,
                licence.quantity,
                json.dumps(licence.customer),
                licence.partner,
                licence.reseller,
                to_column(licence.created_at),
                to_column(licence.modified_at),
                to_column(licence.expires_at),
                to_column(licence.cancelled_at),
                licence.is_hard_cancelled,
                licence.last_reference,
                to_column(licence.paused_at),
            ),
        )

    def licence(self, subscription_id: str) -> Licence | None:
        """The licence as it stands."""
        rows = self._rows("SELECT * FROM licences WHERE subscription_id = ?", subscription_id)
        return _licence(rows[0]) if rows else None

    def licences(self) -> list[Licence]:
        """Every licence, oldest first."""
        return [_licence(row) for row in self._rows("SELECT * FROM licences ORDER BY created_at, subscription_id")]

    def answer_to(self, reference: str) -> sqlite3.Row | None:
        """The first final answer given to a reference, executed before refused: operation, fields, status, body."""
        rows = self._rows(ANSWER_TO, reference)
        return rows[0] if rows else None

    def answer_to_another(self, call: Call) -> sqlite3.Row | None:
        """The newest answer of 200 to such a call with another reference: reference, status, body."""
        rows = self._rows(ANSWER_TO_ANOTHER, call.operation, call.reference)
        return rows[0] if rows else None

    def recent(self, *, reference: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """The newest requests with the answer decided and the effect made, newest first."""
        return [dict(row) for row in self._rows(RECENT, reference, limit)]

    def _rows(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()


def fields_column(call: Call) -> str:
    """The body of a call as one comparable text."""
    return json.dumps(call.fields, sort_keys=True)


def _licence(row: sqlite3.Row) -> Licence:
    values = dict(row)
    for name in ("created_at", "modified_at", "expires_at", "cancelled_at", "paused_at"):
        values[name] = from_column(values[name])
    values["customer"] = json.loads(values["customer"])
    values["is_hard_cancelled"] = bool(values["is_hard_cancelled"])
    return Licence(**values)
