"""Columns of a list on the screen and in its export: each says how it reads a row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from admin_views.presenters import Badge
from exports.columns import Cell, Kind

Show = Callable[[Any], Any]


@dataclass(frozen=True)
class ListColumn:
    """One column. name is the row's field and, where it can be sorted by, the sort's name.

    css are the stylesheet's classes: lo leaves the cell out on a narrow screen, num is a figure, mono an id. shortened
    shows the first part of an id with the whole of it as its title.
    """

    name: str
    label: Any
    show: Show | None = None
    css: str = ""
    head_css: str = ""
    is_sortable: bool = False
    is_title: bool = False

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

    prepare, in the place of read, is called once for a file and gives what reads its rows.
    """

    label: Any
    read: Callable[[Any], Cell] | None = None
    kind: Kind = Kind.TEXT
    width: int | None = None
    prepare: Callable[[], Callable[[Any], Cell]] | None = None

    def reader(self) -> Callable[[Any], Cell]:
        """What reads a cell out of a row."""
        if self.prepare is not None:
            return self.prepare()
        if self.read is None:
            raise TypeError(f"{self.label} says not how it is read")
        return self.read


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
