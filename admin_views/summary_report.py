"""Reports: Summary Report."""

from collections.abc import Sequence

from flask import abort, request
from flask_babel import lazy_gettext as _l

from admin_views.report_criteria import Criteria, read_criteria, span_of_months
from admin_views.report_view import ReportView
from admin_views.shell import Group, Place, current_actor, moment
from queries.billing import ReportTotals, SummaryRow, summary_report
from reports import tables
from reports.explanations import Explanation, LineKey, explain_summary_line
from reports.summary_report import summary_table
from reports.tables import Table

_KEY_PARTS = 7


class SummaryReportView(ReportView):
    """Months by reseller, customer, product and SKU."""

    place = Place(Group.REPORTS, 2)
    fields = ("reseller", "customer", "from", "to", "as_of", "product", "sku")
    owed = tables.TOTAL_FEE
    is_summary = True

    def __init__(self) -> None:
        super().__init__(name=_l("Summary Report"), endpoint="summary_report", url="/reports/summary")

    def criteria(self) -> Criteria:
        return read_criteria(request.args, self.fields, span_of_months)

    def read(self, criteria: Criteria, limit: int | None, offset: int) -> tuple[list[SummaryRow], ReportTotals]:
        months, wanted = criteria.months, criteria.wanted
        return summary_report(months, wanted, actor=current_actor(), zone=moment().zone, limit=limit, offset=offset)

    def table(self, criteria: Criteria, lines: Sequence[SummaryRow], totals: ReportTotals, *, first: int = 1) -> Table:
        as_of, zone = criteria.asked_as_of, moment().zone
        return summary_table(criteria.months, lines, totals, as_of=as_of, zone=zone, first=first)

    def key_of(self, line: SummaryRow) -> tuple[int, ...]:
        ids = (line.reseller_id, line.product_id, line.sku_id, line.customer_id)
        return (*ids, line.quantity, line.price_cents, line.discount_basis_points)

    def explain(self, key: tuple[int, ...], criteria: Criteria) -> Explanation | None:
        if len(key) != _KEY_PARTS:
            abort(404)
        as_of, actor, zone = criteria.wanted.as_of, current_actor(), moment().zone
        return explain_summary_line(LineKey(*key), criteria.months, as_of=as_of, actor=actor, zone=zone)

    def file_words(self, criteria: Criteria) -> tuple[str, ...]:
        first, last = str(criteria.months[0]), str(criteria.months[-1])
        return ("Summary Report", first) if first == last else ("Summary Report", first, "to", last)
