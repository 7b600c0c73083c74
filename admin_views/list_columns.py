"""Columns of a list on the screen and in its export: each says how it reads a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from markupsafe import Markup, escape

from admin_views.presenters import Badge
from exports.columns import Batch, Cell, Kind

Show = Callable[[Any], Any]


@dataclass(frozen=True)
class ListColumn:
    """One column. name is the row's field and, where it can be sorted by, the sort's name.

    css are the stylesheet's classes: lo leaves the cell out on a narrow screen, num is a figure, mono an id. shortened
    shows the first part of an id with the whole of it as its title. head is the label with soft hyphens, where the
    column is narrower than a word of it.
    """

    name: str
    label: Any
    show: Show | None = None
    css: str = ""
    head_css: str = ""
    is_sortable: bool = False
    is_title: bool = False
    head: Any = None

    def cell(self, row: Any) -> Any:
        """What stands in the cell: text, which the template escapes, or Markup."""
        return getattr(row, self.name) if self.show is None else self.show(row)

    @property
    def attributes(self) -> Markup:
        """Class and label of a cell; the label stands before the value where rows become cards."""
        label = Markup("") if self.is_title or "lo" in self.css.split() else Markup(' data-l="{}"').format(self.label)
        return (Markup(' class="{}"').format(self.css) if self.css else Markup("")) + label


@dataclass(frozen=True)
class ExportColumn:
    """One column of the export: title, kind, and how it reads a row.

    A column of a large list names the row's fields in the place of read; make gives the cell of their values, none the
    one field itself. prepare, in the place of make, is called once for a file and gives it.
    """

    label: Any
    read: Callable[[Any], Cell] | None = None
    kind: Kind = Kind.TEXT
    width: int | None = None
    fields: tuple[str, ...] = ()
    make: Callable[..., Cell] | None = None
    prepare: Callable[[], Callable[..., Cell]] | None = None

    def reader(self) -> Callable[[Any], Cell]:
        """What reads a cell out of a row."""
        if self.read is not None:
            return self.read
        make = self._maker()
        return lambda row: make(*[getattr(row, name) for name in self.fields])

    def of_columns(self, names: Sequence[str]) -> Callable[[Batch], Sequence[Cell]]:
        """What reads the cells of a batch, whose columns have these names; each different cell is made once."""
        places = [names.index(name) for name in self.fields]
        if self.make is None and self.prepare is None:
            return itemgetter(*places)
        make = self._maker()

        def read(columns: Batch) -> Sequence[Cell]:
            rows = list(zip(*[columns[place] for place in places], strict=True))
            known = {values: make(*values) for values in set(rows)}
            return [known[values] for values in rows]

        return read

    def _maker(self) -> Callable[..., Cell]:
        if self.prepare is not None:
            return self.prepare()
        return self.make or _itself


def _itself(value: Cell) -> Cell:
    return value


def badge(shown: Badge) -> Markup:
    """A status as the screens show it: a word and a mark."""
    return Markup('<span class="badge {}">{}</span>').format(shown.mark, shown.label)


def shortened(value: str | None, *, instead: str = "") -> Markup:
    """The first part of an id, the whole of it as title; the words instead where there is none."""
    if not value:
        return Markup('<span class="dim">{}</span>').format(instead) if instead else Markup("")
    head, dash, _rest = value.partition("-")
    if not dash:
        return Markup('<span class="mono">{}</span>').format(value)
    return Markup('<span class="mono" title="{}">{}…</span>').format(value, head)


def linked(text: str, address: str) -> Markup:
    """The text as a link to the row's own page; plain where there is no such page."""
    return Markup('<a href="{}">{}</a>').format(address, text) if address else escape(text)
