"""A report as a table: title, columns with the product's words, rows, and the TOTAL row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from licensing.terms import require_aware

Cell = str | int | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """What the values of a column are; the words are those of exports/columns.py."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"  # whole cents
    PERCENT = "percent"  # whole basis points


@dataclass(frozen=True, slots=True)
class Heading:
    """One column; width is its share of a printed page, in characters."""

    title: LazyString
    kind: Kind = Kind.TEXT
    width: int = 20


@dataclass(frozen=True, slots=True)
class Table:
    """A report to be shown or written. rows hold cents and basis points; total has a cell for each heading."""

    title: str
    headings: Sequence[Heading]
    rows: Sequence[Row]
    total: Row


NUMBER = Heading(_l("#"), Kind.INTEGER, width=6)
RESELLER = Heading(_l("Reseller"), width=18)
CUSTOMER = Heading(_l("Customer"), width=21)
PRODUCT = Heading(_l("Product"), width=32)
SKU = Heading(_l("SKU"), width=16)
QUANTITY = Heading(_l("Cumulative number of Active Subscription"), Kind.INTEGER, width=16)
PRICE = Heading(_l("License Fee per each Active Subscription, EUR, excl. taxes"), Kind.MONEY, width=17)
END_USER_FEE = Heading(_l("License Fee for End User, EUR, excl. taxes"), Kind.MONEY, width=13)
DISCOUNT = Heading(_l("Discount %"), Kind.PERCENT, width=11)
RESELLER_FEE = Heading(_l("License Fee for Reseller, EUR, excl. taxes"), Kind.MONEY, width=13)
MONTHS = Heading(_l("Number of active months for a subscription"), Kind.INTEGER, width=14)
TOTAL_FEE = Heading(_l("Total License Fee for Reseller, EUR, excl. taxes"), Kind.MONEY, width=13)


def with_as_of(title: str, as_of: datetime | None, *, zone: ZoneInfo) -> str:
    """The title with the as of instant after it where one is set: "…, as of 22.07.2017 12:00"."""
    return title if as_of is None else _("%(title)s, as of %(instant)s", title=title, instant=minute(as_of, zone=zone))


def minute(instant: datetime, *, zone: ZoneInfo) -> str:
    """The instant in the distributor's zone, as 22.07.2017 12:00; with seconds where it has some."""
    local = require_aware(instant).astimezone(zone)
    return local.strftime("%d.%m.%Y %H:%M:%S").removesuffix(":00")
