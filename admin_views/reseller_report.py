"""Reports: Reseller Report."""

from collections.abc import Sequence

from flask import abort, request
from flask_babel import lazy_gettext as _l

from admin_views.report_criteria import Criteria, one_month, read_criteria
from admin_views.report_view import ReportView
from admin_views.shell import Group, Place, current_actor, moment
from queries.billing import ReportTotals, ResellerRow, reseller_report
from reports import tables
from reports.explanations import Explanation, LineKey, explain_reseller_line
from reports.reseller_report import reseller_table
from reports.tables import Table

_KEY_PARTS = 3


class ResellerReportView(ReportView):
    """One month by reseller, product and SKU."""

    place = Place(Group.REPORTS, 1)
    fields = ("reseller", "month", "as_of", "product", "sku")
    owed = tables.RESELLER_FEE

    def __init__(self) -> None:
        super().__init__(name=_l("Reseller Report"), endpoint="reseller_report", url="/reports/reseller")

    def criteria(self) -> Criteria:
        return read_criteria(request.args, self.fields, one_month)

    def read(self, criteria: Criteria, limit: int | None, offset: int) -> tuple[list[ResellerRow], ReportTotals]:
        month, wanted = criteria.months[0], criteria.wanted
        return reseller_report(month, wanted, actor=current_actor(), zone=moment().zone, limit=limit, offset=offset)

    def table(self, criteria: Criteria, lines: Sequence[ResellerRow], totals: ReportTotals, *, first: int = 1) -> Table:
        as_of, zone = criteria.asked_as_of, moment().zone
        return reseller_table(criteria.months[0], lines, totals, as_of=as_of, zone=zone, first=first)

    def key_of(self, line: ResellerRow) -> tuple[int, ...]:
        return line.reseller_id, line.product_id, line.sku_id

    def explain(self, key: tuple[int, ...], criteria: Criteria) -> Explanation | None:
        if len(key) != _KEY_PARTS:
            abort(404)
        as_of, actor, zone = criteria.wanted.as_of, current_actor(), moment().zone
        return explain_reseller_line(LineKey(*key), criteria.months[0], as_of=as_of, actor=actor, zone=zone)

    def file_words(self, criteria: Criteria) -> tuple[str, ...]:
        return "Reseller Report", str(criteria.months[0])
