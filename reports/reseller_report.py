"""The Reseller Report: one month by reseller, product and SKU (product.md, Screens 8)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from licensing.terms import Month
from queries.billing import ReportTotals, ResellerRow
from reports import tables
from reports.tables import Table, with_as_of

HEADINGS = (
    tables.NUMBER,
    tables.RESELLER,
    tables.PRODUCT,
    tables.SKU,
    tables.QUANTITY,
    tables.PRICE,
    tables.END_USER_FEE,
    tables.DISCOUNT,
    tables.RESELLER_FEE,
)


def reseller_title(month: Month) -> str:
    """The title without an as of instant."""
    title: str = _("Reseller Report %(month)s", month=str(month))
    return title


def reseller_table(
    month: Month,
    lines: Sequence[ResellerRow],
    totals: ReportTotals,
    *,
    as_of: datetime | None,
    zone: ZoneInfo,
    first: int = 1,
) -> Table:
    """The table of those lines, numbered from first. as_of is printed in the title; None where none was asked for."""
    return Table(
        title=with_as_of(reseller_title(month), as_of, zone=zone),
        headings=HEADINGS,
        rows=[
            (
                number,
                line.reseller,
                line.product,
                line.sku,
                line.quantity,
                line.price_cents,
                line.end_user_cents,
                line.discount_basis_points,
                line.fee_cents,
            )
            for number, line in enumerate(lines, first)
        ],
        total=(
            *(None, _("TOTAL"), None, None),
            *(totals.quantity, None, totals.end_user_cents, None, totals.fee_cents),
        ),
    )
