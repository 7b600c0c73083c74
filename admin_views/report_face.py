"""A report as its page shows it: the fields of its form, its headings, its lines and their figures. No query."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.figures import number
from admin_views.report_criteria import Choices, Criteria, shown_instant
from admin_views.report_sums import money
from admin_views.report_words import Why
from exports.columns import two_decimals
from reports import tables
from reports.tables import Cell, Heading, Kind, Row

# The figures that open what they are made of; price and discount are read off a list.
_OPENS = {
    tables.QUANTITY: "quantity",
    tables.END_USER_FEE: "end_user",
    tables.RESELLER_FEE: "fee",
    tables.MONTHS: "months",
    tables.TOTAL_FEE: "total",
}
_CSS = {tables.NUMBER: "n", tables.RESELLER: "nowrap", tables.SKU: "mono", tables.DISCOUNT: "num"}
_LABELS = {
    "reseller": _l("Reseller"),
    "customer": _l("Customer"),
    "month": _l("For Month"),
    "from": _l("Month From"),
    "to": _l("Month To"),
    "as_of": _l("As of"),
    "product": _l("Product"),
    "sku": _l("SKU"),
}


@dataclass(frozen=True, slots=True)
class FormField:
    """One criterion; with choices it is a select. fixed stands in the place of a control that offers no choice."""

    name: str
    label: Any
    value: str
    problem: str
    choices: Choices | None = None
    none_chosen: str = ""
    fixed: str = ""

    @property
    def is_short(self) -> bool:
        """Whether it holds no more than a month."""
        return self.name in {"month", "from", "to"}


@dataclass(frozen=True, slots=True)
class HeadCell:
    """The head of a column."""

    label: Any
    css: str


@dataclass(frozen=True, slots=True)
class FigureLink:
    """A figure that opens: the address of this page with the box open, and whether it is that page."""

    address: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class CellFace:
    """A cell; label stands before it where rows become cards."""

    text: str
    css: str
    label: Any
    is_head: bool = False
    figure: FigureLink | None = None


@dataclass(frozen=True, slots=True)
class LineFace:
    """A line, and the box below it where it is open."""

    id: str
    cells: list[CellFace]
    why: Why | None


def form_fields(names: Sequence[str], criteria: Criteria) -> list[FormField]:
    """The criteria of those names, as they stand."""
    return [_field(name, criteria) for name in names]


def _field(name: str, criteria: Criteria) -> FormField:
    value, problem = criteria.arguments.get(name, ""), criteria.problems.get(name, "")
    if name == "reseller" and len(criteria.resellers) == 1:
        return FormField(name, _LABELS[name], value, problem, fixed=criteria.reseller_name)
    if name in {"reseller", "product"}:
        choices = criteria.resellers if name == "reseller" else criteria.products
        none_chosen = _("All resellers") if name == "reseller" else _("All products")
        return FormField(name, _LABELS[name], value, problem, choices=choices, none_chosen=none_chosen)
    return FormField(name, _LABELS[name], _shown(name, criteria) or value, problem)


def _shown(name: str, criteria: Criteria) -> str:
    """What stands in a field although the address does not say it."""
    if name == "as_of":
        return shown_instant(criteria)
    if not criteria.months or name not in {"month", "from", "to"}:
        return ""
    return str(criteria.months[-1 if name == "to" else 0])


def head_cells(headings: Sequence[Heading]) -> list[HeadCell]:
    """The heads of those columns."""
    return [HeadCell(heading.title, _head_css(heading)) for heading in headings]


def _head_css(heading: Heading) -> str:
    if heading is tables.NUMBER:
        return "n"
    brief = " brief" if heading in {tables.DISCOUNT, tables.MONTHS} else ""
    return "" if heading.kind is Kind.TEXT else f"num{brief}"


def line_face(
    row: Row,
    headings: Sequence[Heading],
    *,
    owed: Heading,
    link: Callable[[str], FigureLink],
    why: Why | None,
) -> LineFace:
    """The line of that row; owed is the column of what is to be paid, link makes the link of a figure by its name."""
    cells = [
        _cell(value, heading, owed=owed, figure=link(_OPENS[heading]) if heading in _OPENS else None)
        for value, heading in zip(row, headings, strict=True)
    ]
    return LineFace(id=f"line-{row[0]}", cells=cells, why=why)


def total_cells(row: Row, headings: Sequence[Heading]) -> list[CellFace]:
    """The cells of the TOTAL row."""
    return [_cell(value, heading) for value, heading in zip(row, headings, strict=True)]


def _cell(value: Cell, heading: Heading, *, owed: Heading | None = None, figure: FigureLink | None = None) -> CellFace:
    css = _CSS.get(heading, "" if heading.kind is Kind.TEXT else "num")
    return CellFace(
        text=cell_text(value, heading.kind),
        css=f"{css} strong" if heading is owed else css,
        label=heading.title,
        is_head=heading is tables.RESELLER,
        figure=figure,
    )


def cell_text(value: Cell, kind: Kind) -> str:
    """A value as the screen shows it."""
    if not isinstance(value, int):
        return value or ""
    writers: Mapping[Kind, Callable[[int], str]] = {Kind.MONEY: money, Kind.PERCENT: two_decimals}
    return writers.get(kind, number)(value)
