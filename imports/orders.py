"""The lines of an order sheet: who orders what for which customer."""

from collections.abc import Mapping
from dataclasses import dataclass

from imports.cells import cell_text, read_quantity
from imports.refusals import CellRefused, Problem, SheetRefused
from imports.sheets import Sheet, SheetRow, shown

MOST_ORDERS = 1_000
RESELLER, PRODUCT, QUANTITY = "Reseller", "Product", "Quantity"
# The fields of a customer's details and the titles of their columns, which are the labels of New Subscription.
DETAIL_TITLES = {
    "company_name": "Customer / Company Name",
    "address_line_1": "Address Line 1",
    "address_line_2": "Address Line 2",
    "city": "City",
    "post_code": "Post Code",
    "country": "Country",
    "state": "State",
    "email": "E-mail",
    "website": "Web Site",
    "phone": "Phone",
    "fax": "Fax",
    "contact_person": "Contact Person",
}
_REQUIRED = (DETAIL_TITLES["company_name"], DETAIL_TITLES["country"], PRODUCT, QUANTITY)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One row as it was typed; quantity is None where it cannot be read, which is then among the problems."""

    row: int
    reseller: str
    details: Mapping[str, str]
    product: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class OrderLines:
    """Every row, and what is wrong with their quantities."""

    lines: tuple[OrderLine, ...]
    problems: tuple[Problem, ...]


def order_titles(*, has_reseller: bool) -> tuple[str, ...]:
    """The columns of the template, in order; Reseller is for those who order for several."""
    return (*((RESELLER,) if has_reseller else ()), *DETAIL_TITLES.values(), PRODUCT, QUANTITY)


def read_orders(sheet: Sheet, *, has_reseller: bool) -> OrderLines:
    """The lines of the sheet. Raises SheetRefused where a needed column is missing, or rows are none or too many."""
    needed = (*((RESELLER,) if has_reseller else ()), *_REQUIRED)
    missing = [title for title in needed if title not in sheet.titles]
    if missing:
        raise SheetRefused("The first row has no column “%(title)s”. Fill in the template.", title=missing[0])
    if not sheet.rows:
        raise SheetRefused("The sheet has no order below its header.")
    if len(sheet.rows) > MOST_ORDERS:
        raise SheetRefused(
            "These are %(rows)s orders; a sheet has at most %(limit)s. Upload it in parts.",
            rows=f"{len(sheet.rows):,}",
            limit=f"{MOST_ORDERS:,}",
        )
    problems: list[Problem] = []
    return OrderLines(tuple(_line(row, problems) for row in sheet.rows), tuple(problems))


def _line(row: SheetRow, problems: list[Problem]) -> OrderLine:
    return OrderLine(
        row=row.number,
        reseller=cell_text(row.cells.get(RESELLER)),
        details={name: cell_text(row.cells.get(title)) for name, title in DETAIL_TITLES.items()},
        product=cell_text(row.cells.get(PRODUCT)),
        quantity=_quantity(row, problems),
    )


def _quantity(row: SheetRow, problems: list[Problem]) -> int | None:
    try:
        return read_quantity(row.cells.get(QUANTITY))
    except CellRefused as refused:
        problems.append(Problem(row.number, QUANTITY, shown(cell_text(row.cells.get(QUANTITY))), refused.reason))
        return None
