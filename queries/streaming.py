"""Rows of a large select, one after the other, so that neither we nor the driver hold them all."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from peewee import BooleanField, DateField, DateTimeField, Field, JSONField, ModelSelect

from database import db, is_sqlite

_ROWS_A_TRIP = 5_000
Convert = Callable[[Any], Any]


def stream(query: ModelSelect) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples, typed as peewee would give them.

    Only columns whose stored form differs are converted: doing it for all costs more than reading them.
    """
    converters = _converters(query)
    cursor = _cursor()
    try:
        cursor.execute(*query.sql())
        for row in cursor:
            yield _converted(row, converters) if converters else row
    finally:
        cursor.close()


def _cursor() -> Any:
    connection = db.connection()
    if is_sqlite():
        return connection.cursor()
    # Outside a transaction PostgreSQL keeps a named cursor only where it is declared so.
    cursor = connection.cursor(name=f"list_{uuid.uuid4().hex}", withhold=True)
    cursor.itersize = _ROWS_A_TRIP
    return cursor


def _converters(query: ModelSelect) -> list[tuple[int, Convert]]:
    selected = query._returning  # noqa: SLF001 - peewee offers the selected columns nowhere else
    found = [(place, _converter(column)) for place, column in enumerate(selected)]
    return [(place, convert) for place, convert in found if convert is not None]


def _converter(column: Any) -> Convert | None:
    if isinstance(column, DateField):
        return _as_date if is_sqlite() else None
    stored_otherwise = isinstance(column, DateTimeField | JSONField | BooleanField)
    return column.python_value if isinstance(column, Field) and stored_otherwise else None


def _as_date(stored: str | None) -> date | None:
    return None if stored is None else date.fromisoformat(stored)


def _converted(row: tuple[Any, ...], converters: list[tuple[int, Convert]]) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in converters:
        values[place] = convert(values[place])
    return tuple(values)
