"""The Summary Report: months by reseller, customer, product and SKU (product.md, Screens 9)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from licensing.terms import Month
from queries.billing import ReportTotals, SummaryRow
from reports import tables
from reports.tables import Table, with_as_of

HEADINGS = (
    tables.NUMBER,
    tables.RESELLER,
    tables.CUSTOMER,
    tables.PRODUCT,
    tables.SKU,
    tables.QUANTITY,
    tables.PRICE,
    tables.END_USER_FEE,
    tables.DISCOUNT,
    tables.RESELLER_FEE,
    tables.MONTHS,
    tables.TOTAL_FEE,
)


def summary_title(months: Sequence[Month]) -> str:
    """The title without an as of instant; months are in order."""
    title: str = _("Summary Report from %(first)s to %(last)s", first=str(months[0]), last=str(months[-1]))
    return title


def summary_table(
    months: Sequence[Month],
    lines: Sequence[SummaryRow],
    totals: ReportTotals,
    *,
    as_of: datetime | None,
    zone: ZoneInfo,
    first: int = 1,
) -> Table:
    """The table of those lines, numbered from first. TOTAL adds fees only; as_of is printed in the title."""
    return Table(
        title=with_as_of(summary_title(months), as_of, zone=zone),
        headings=HEADINGS,
        rows=[
            (
                *(number, line.reseller, line.customer, line.product, line.sku, line.quantity, line.price_cents),
                *(line.end_user_cents, line.discount_basis_points, line.fee_cents, line.months, line.total_cents),
            )
            for number, line in enumerate(lines, first)
        ],
        total=(
            *(None, _("TOTAL"), None, None, None, None, None),
            *(totals.end_user_cents, None, totals.fee_cents, None, totals.total_cents),
        ),
    )
