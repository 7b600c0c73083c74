"""How every list is read: a count without joins, one page of ids, then those rows joined. No table is named here.

The export reads the same rows in the same order, as a stream or in chunks, so that memory stays flat.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from peewee import JOIN, Field, ForeignKeyField, Model, ModelSelect, Ordering

from database import is_sqlite
from licensing.search_key import search_key
from queries.streaming import Answer, answer_of, stream

COUNT_LIMIT = 10_000
_CHUNK = 1_000
_LARGEST_ID = 2**63 - 1

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Sort:
    """What a column is ordered by; through is the foreign key that leads to the field's table."""

    field: Field
    through: ForeignKeyField | None = None
    is_text: bool = True

    def ordering(self, *, is_descending: bool) -> Ordering:
        """The ORDER BY term; rows without a value come last either way."""
        has_empty = self.field.null or (self.through is not None and self.through.null)
        return ordering(self.field, is_text=self.is_text, is_descending=is_descending, has_empty=has_empty)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted; number begins at 1. An unknown sort means the list's own order.

    counts_exactly counts a filtered list to its end, however long that takes.
    """

    number: int = 1
    size: int = 50
    sort: str = ""
    is_descending: bool = False
    counts_exactly: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page. total is exact, or COUNT_LIMIT + 1 for "more than 10,000"; number is at most the last page."""

    rows: list[Row]
    total: int
    is_exact: bool
    number: int
    size: int

    @property
    def first(self) -> int:
        """The number of the first row of the page, 0 where there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The number of the last row of the page."""
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A scoped and filtered list that was not read yet.

    ids selects the primary key alone and joins nothing that multiplies rows; rows_of gives the joined rows by id.
    Without a sort that is wanted and known the order is own_sort, else default_order; the key always breaks ties.
    total, where given, says how many rows there are without counting them. whole, where given, selects the joined rows
    of the whole list in the columns that make takes; it joins every table that a sort leads to. fields, where given,
    names those columns, so that an export can take them one by one.
    """

    ids: ModelSelect
    rows_of: Callable[[Sequence[int]], Mapping[int, Row]]
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    is_filtered: bool = False
    own_sort: str = ""
    default_order: tuple[Any, ...] = ()
    total: Callable[[], int] | None = None
    whole: ModelSelect | None = None
    make: Callable[[Iterable[Any]], Row] | None = None
    fields: tuple[str, ...] = ()

    def page(self, wanted: PageRequest) -> Page[Row]:
        """Count, then read one page; a page beyond the last gives the last."""
        total, is_exact = (self.exact_count(), True) if wanted.counts_exactly else self.count()
        number = wanted.number
        if is_exact:
            number = min(number, max(1, -(-total // wanted.size)))
        ids = self._ids_in_order(wanted).limit(wanted.size).offset((number - 1) * wanted.size)
        return Page(self._rows(_first_column(ids)), total, is_exact, number, wanted.size)

    def count(self) -> tuple[int, bool]:
        """How many rows there are and whether that is exact: a filtered count stops after COUNT_LIMIT."""
        if not self.is_filtered or self.total is not None:
            return self.exact_count(), True
        total = self.ids.limit(COUNT_LIMIT + 1).count()
        return total, total <= COUNT_LIMIT

    def exact_count(self) -> int:
        """How many rows there are, however long that takes."""
        return int(self.ids.count()) if self.total is None else self.total()

    def everything(self, wanted: PageRequest) -> Iterator[Row]:
        """Every row in the order wanted."""
        if self.whole is not None and self.make is not None:
            order, _sort = self._order(wanted)
            yield from map(self.make, stream(self.whole.order_by(*order)))
            return
        ids = _first_column(self._ids_in_order(wanted))
        for start in range(0, len(ids), _CHUNK):
            yield from self._rows(ids[start : start + _CHUNK])

    def columns(self, wanted: PageRequest) -> Answer:
        """The same in batches of rows, each as the values of one of the fields after another; only with fields."""
        if self.whole is None:
            raise TypeError("This list is read by rows alone")
        order, _sort = self._order(wanted)
        return answer_of(self.whole.order_by(*order))

    def first_ids(self, wanted: PageRequest, *, limit: int) -> list[int]:
        """The keys of the first rows in the order wanted, so many at most."""
        return _first_column(self._ids_in_order(wanted).limit(limit))

    def _rows(self, ids: Sequence[int]) -> list[Row]:
        found = self.rows_of(ids) if ids else {}
        return [found[key] for key in ids if key in found]

    def _ids_in_order(self, wanted: PageRequest) -> ModelSelect:
        order, sort = self._order(wanted)
        query = self.ids if sort is None else _joined(self.ids, sort)
        return query.order_by(*order)

    def _order(self, wanted: PageRequest) -> tuple[list[Any], Sort | None]:
        """The terms to order by, and the sort whose table they need."""
        primary_key = _primary_key(self.ids.model)
        is_descending = wanted.is_descending and wanted.sort in self.sorts
        sort = self.sorts.get(wanted.sort) or self.sorts.get(self.own_sort)
        if sort is None:
            return [*self.default_order, primary_key], None
        tie_break = primary_key.desc() if is_descending else primary_key.asc()
        return [sort.ordering(is_descending=is_descending), tie_break], sort


def ordering(column: Field, *, is_text: bool, is_descending: bool = False, has_empty: bool = False) -> Ordering:
    """Code point order, the same on both databases whatever their collation; has_empty puts NULL last."""
    collation = '"C"' if is_text and not is_sqlite() else None
    nulls = "LAST" if has_empty else None
    return Ordering(column, "DESC" if is_descending else "ASC", collation=collation, nulls=nulls)


def key_contains(column: Field, text: str) -> Any:
    """The condition that a stored search key contains every word of the text, whatever its case and accents."""
    condition: Any = None
    for word in search_key(text).split():
        found = column.contains(word) if is_sqlite() else column % f"%{_escaped(word)}%"
        condition = found if condition is None else condition & found
    return column == "" if condition is None else condition


def _escaped(word: str) -> str:
    """The word for LIKE: keys are folded already, and ILIKE would fold each again at several times the cost."""
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def as_id(text: str | int | None) -> int | None:
    """A primary key out of an address, or None for anything that cannot be one."""
    written = str(text or "")
    if not (written.isascii() and written.isdigit()) or len(written) > len(str(_LARGEST_ID)):
        return None
    return number if 0 < (number := int(written)) <= _LARGEST_ID else None


def _joined(query: ModelSelect, sort: Sort) -> ModelSelect:
    if sort.through is None:
        return query
    # An outer join where none is needed keeps the database from walking the target's index in its order.
    target, kind = sort.field.model, JOIN.LEFT_OUTER if sort.through.null else JOIN.INNER
    return query.join_from(query.model, target, kind, on=(sort.through == _primary_key(target)))


def _primary_key(model: type[Model]) -> Field:
    return model._meta.primary_key  # noqa: SLF001 - peewee offers a model's key nowhere else


def _first_column(query: ModelSelect) -> list[int]:
    return [key for (key,) in query.tuples()]
