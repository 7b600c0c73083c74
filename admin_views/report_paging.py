"""Pages of a report: which one the address asks for, and the last one where it asks for more than there are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from admin_views.list_page import PAGE_SIZES, Pager, pager
from queries.listing import Page, PageRequest, as_id

PAGE_SIZE = 50
_LAST_NUMBER = 1_000_000  # more lines than any report has


def page_request(arguments: Mapping[str, str]) -> PageRequest:
    """The page and its size out of an address; what cannot be one is the first, of the usual size."""
    number, size = as_id(arguments.get("page")) or 1, as_id(arguments.get("page_size"))
    return PageRequest(number=min(number, _LAST_NUMBER), size=size if size in PAGE_SIZES else PAGE_SIZE)


def read_page(
    read: Callable[[int, int], tuple[Sequence[Any], Any]], wanted: PageRequest, *, count: Callable[[Any], int]
) -> tuple[Page[Any], Any]:
    """The page that read(limit, offset) gives with its totals, whose count says how many rows there are in all."""
    number = wanted.number
    rows, totals = read(wanted.size, (number - 1) * wanted.size)
    if not rows and number > 1:
        _first_row, totals = read(1, 0)
        number = max(1, -(-count(totals) // wanted.size))
        rows, totals = read(wanted.size, (number - 1) * wanted.size)
    return Page(list(rows), count(totals), is_exact=True, number=number, size=wanted.size), totals


def report_pager(
    page: Page[Any], wanted: PageRequest, arguments: Mapping[str, str], *, address: Callable[[Mapping[str, str]], str]
) -> Pager:
    """The pager of that page; address makes the address of the same screen from its arguments."""
    kept = dict(arguments)
    if wanted.size != PAGE_SIZE:
        kept["page_size"] = str(wanted.size)
    return pager(page, wanted, kept, address=lambda **changed: address({**kept, **changed}))
