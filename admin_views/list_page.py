"""One page of a list as its template shows it: headings, cells, pager. No query."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from admin_views.figures import number
from admin_views.list_columns import ListColumn
from queries.listing import COUNT_LIMIT, Page, PageRequest

PAGE_SIZES = (20, 50, 100)
Address = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column. sorted is what aria-sort says; sort_address turns the order round."""

    label: Any
    head_css: str
    sorted: str
    sort_address: str


@dataclass(frozen=True, slots=True)
class CellFrame:
    """What is the same in all cells of a column."""

    is_title: bool
    attributes: Markup


@dataclass(frozen=True, slots=True)
class Pager:
    """The words and links below a list; exact leads to the list counted to its end."""

    position: str
    displaying: str
    previous: str
    next: str
    exact: str
    size: int
    kept: Sequence[tuple[str, str]]
    sizes: Sequence[int] = PAGE_SIZES


def heading(column: ListColumn, wanted: PageRequest, *, address: Address) -> Heading:
    """The head of that column in the order wanted."""
    is_sorted = wanted.sort == column.name
    order = ("descending" if wanted.is_descending else "ascending") if is_sorted else ""
    turned = "1" if is_sorted and not wanted.is_descending else ""
    leads_to = address(sort=column.name, desc=turned) if column.is_sortable else ""
    return Heading(column.head or column.label, column.head_css, order, leads_to)


def page_rows(
    columns: Sequence[ListColumn], page: Page[Any], *, address_of: Callable[[Any], str]
) -> Iterator[tuple[int, str, list[tuple[CellFrame, Any]]]]:
    """Each row: its number in the whole list, the address of its own page, its cells."""
    frames = [CellFrame(column.is_title, column.attributes) for column in columns]
    for index, row in enumerate(page.rows, start=page.first):
        cells = [column.cell(row) for column in columns]
        yield index, address_of(row), list(zip(frames, cells, strict=True))


def no_rows(wanted: PageRequest) -> Page[Any]:
    """The page of a list that was not read."""
    return Page(rows=[], total=0, is_exact=True, number=1, size=wanted.size)


def pager(page: Page[Any], wanted: PageRequest, kept: Mapping[str, str], *, address: Address) -> Pager:
    """The pager of that page; kept are the arguments that stay when the page size changes."""
    has_next = page.number < page.pages if page.is_exact else len(page.rows) == page.size
    return Pager(
        position=_position(page),
        displaying=_displaying(page),
        previous=address(page=str(page.number - 1)) if page.number > 1 else "",
        next=address(page=str(page.number + 1)) if has_next else "",
        exact="" if page.is_exact else address(page=str(page.number), count="exact"),
        size=wanted.size,
        kept=[(name, value) for name, value in kept.items() if name not in {"page", "page_size"}],
    )


def _position(page: Page[Any]) -> str:
    shown = number(page.number)
    if page.is_exact:
        return _("Page %(page)s of %(pages)s", page=shown, pages=number(page.pages))
    return _("Page %(page)s", page=shown)


def _displaying(page: Page[Any]) -> str:
    first, last = number(page.first), number(page.last)
    if not page.rows:
        return _("Displaying 0 items")
    if page.is_exact:
        return ngettext(
            "Displaying %(first)s to %(last)s of %(total)s item",
            "Displaying %(first)s to %(last)s of %(total)s items",
            page.total,
            first=first,
            last=last,
            total=number(page.total),
        )
    limit = number(COUNT_LIMIT)
    return _("Displaying %(first)s to %(last)s of more than %(limit)s items", first=first, last=last, limit=limit)
