"""What both reports do: the page, its files, the box below a line, what was left out, and where cents differ."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape
from werkzeug.wrappers import Response

from admin_views.figures import month_and_year, number
from admin_views.list_page import Pager
from admin_views.report_criteria import Criteria, as_argument
from admin_views.report_face import FigureLink, LineFace, form_fields, head_cells, line_face, total_cells
from admin_views.report_files import FILE_TYPES, MOST_IN_WORD, report_file, report_file_name
from admin_views.report_paging import page_request, read_page, report_pager
from admin_views.report_sums import FIGURES, difference_note
from admin_views.report_words import Why, left_out_line, why
from admin_views.shell import Screen, current_actor, moment
from exports.xlsx import TooManyRows
from queries.billing import ReportTotals
from queries.listing import Page
from queries.report_parts import differences
from reports.explanations import Explanation, LeftOut, left_out_page
from reports.tables import Heading, Table, minute

Answer = Response | tuple[str, int] | str
MOST_DIFFERING = 5
_KEY = re.compile(r"[0-9]{1,18}(-[0-9]{1,18})*")


class ReportView(Screen, BaseView):
    """A report. fields are its criteria, owed the column of what is to be paid; the rest is read by the methods."""

    fields: tuple[str, ...] = ()
    owed: Heading
    is_summary = False

    def criteria(self) -> Criteria:
        """What the address asks for."""
        raise NotImplementedError

    def read(self, criteria: Criteria, limit: int | None, offset: int) -> tuple[Sequence[Any], ReportTotals]:
        """The lines, or a page of them, and the totals of all."""
        raise NotImplementedError

    def table(self, criteria: Criteria, lines: Sequence[Any], totals: ReportTotals, *, first: int = 1) -> Table:
        """Those lines as a table, numbered from first."""
        raise NotImplementedError

    def key_of(self, line: Any) -> tuple[int, ...]:
        """What tells a line apart."""
        raise NotImplementedError

    def explain(self, key: tuple[int, ...], criteria: Criteria) -> Explanation | None:
        """How the line of that key is made; None where there is no such line."""
        raise NotImplementedError

    def file_words(self, criteria: Criteria) -> tuple[str, ...]:
        """The words with which the names of its files begin."""
        raise NotImplementedError

    @expose("/")
    def index(self) -> Answer:
        criteria = self.criteria()
        if criteria.problems:
            return self.render("reports/report.html", **self._frame(criteria)), 422
        if request.args.get("as_of", "").strip(" ") != criteria.arguments.get("as_of", ""):
            return redirect(self._address("index", criteria.arguments), 303)
        page, totals = read_page(
            lambda limit, offset: self.read(criteria, limit, offset),
            page_request(request.args),
            count=lambda found: found.lines,
        )
        return self.render(
            "reports/report.html",
            **self._frame(criteria),
            **self._lines(criteria, page, totals),
            **_running(criteria),
            ahead=_ahead(criteria),
            pager=self._pager(page, criteria, of="index"),
            has_comparison=not criteria.wanted.customer and bool(page.rows),
        )

    @expose("/print.docx")
    def docx(self) -> Answer:
        return self._file("docx")

    @expose("/export.csv")
    def csv(self) -> Answer:
        return self._file("csv")

    @expose("/export.xlsx")
    def xlsx(self) -> Answer:
        return self._file("xlsx")

    @expose("/line/")
    def line(self) -> Answer:
        found = self._why(request.args.get("line", ""), self._readable())
        return self.render("reports/why.html", why=found)

    @expose("/left-out/")
    def left_out(self) -> Answer:
        criteria = self.criteria()
        if criteria.problems:
            return redirect(self._address("index", criteria.arguments), 303)
        page, _total = read_page(
            lambda limit, offset: self._left_out(criteria, limit, offset), page_request(request.args), count=int
        )
        return self.render(
            "reports/left_out.html",
            **self._frame(criteria),
            left_out=[left_out_line(part) for parts in page.rows for part in parts],
            pager=replace(self._pager(page, criteria, of="left_out"), displaying=_licences_displayed(page)),
        )

    @expose("/differences/")
    def differences(self) -> Answer:
        criteria = self._readable()
        found = differences(
            criteria.months, criteria.wanted, actor=current_actor(), zone=moment().zone, limit=MOST_DIFFERING
        )
        return str(escape(difference_note(found, is_summary=self.is_summary)))

    def _address(self, page: str, arguments: Mapping[str, str]) -> str:
        path = url_for(f"{self.endpoint}.{page}")
        return f"{path}?{urlencode(arguments)}" if arguments else path

    def _pager(self, page: Page[Any], criteria: Criteria, *, of: str) -> Pager:
        wanted = page_request(request.args)
        return report_pager(page, wanted, criteria.arguments, address=lambda kept: self._address(of, kept))

    def _readable(self) -> Criteria:
        """Criteria for a part of a page; a page whose address cannot be read has no parts."""
        criteria = self.criteria()
        return abort(400) if criteria.problems else criteria

    def _file(self, file_type: str) -> Answer:
        criteria = self.criteria()
        if criteria.problems:
            return redirect(self._address("index", criteria.arguments), 303)
        lines, totals = self.read(criteria, None, 0)
        if file_type == "docx" and len(lines) > MOST_IN_WORD:
            return self._no_file(criteria, _too_long_for_word(len(lines)))
        words = self.file_words(criteria)
        name = report_file_name(criteria, *words, file_type=file_type)
        try:
            return report_file(file_type, self.table(criteria, lines, totals), sheet=" ".join(words), name=name)
        except TooManyRows as too_many:
            return self._no_file(criteria, str(too_many))

    def _no_file(self, criteria: Criteria, reason: str) -> Response:
        flash(reason, "error")
        return redirect(self._address("index", criteria.arguments), 303)

    def _frame(self, criteria: Criteria) -> dict[str, Any]:
        """What every page of the report shows around its table."""
        kept = criteria.arguments
        return {
            "fields": form_fields(self.fields, criteria),
            "caption": _caption(criteria),
            "title": self.table(criteria, [], _NOTHING).title if criteria.months else "",
            "has_months": len(criteria.months) > 1,
            "report_address": self._address("index", kept),
            "clear_address": self._address("index", {}),
            "left_out_address": self._address("left_out", kept),
            "differences_address": self._address("differences", kept),
            "file_addresses": {file_type: self._address(file_type, kept) for file_type in FILE_TYPES},
        }

    def _lines(self, criteria: Criteria, page: Page[Any], totals: ReportTotals) -> dict[str, Any]:
        table = self.table(criteria, page.rows, totals, first=page.first)
        return {
            "headings": head_cells(table.headings),
            "lines": [
                self._line(criteria, self.key_of(line), row, table.headings)
                for line, row in zip(page.rows, table.rows, strict=True)
            ],
            "total": total_cells(table.total, table.headings),
            # A box that is opened later must show what this page shows, whatever is executed meanwhile.
            "fixed_as_of": as_argument(criteria.wanted.as_of),
        }

    def _line(self, criteria: Criteria, key: tuple[int, ...], row: Any, headings: Sequence[Heading]) -> LineFace:
        written = "-".join(map(str, key))
        is_open = request.args.get("line") == written

        def link(figure: str) -> FigureLink:
            opened = {**criteria.arguments, **_page_arguments(), "line": written, "figure": figure}
            address = f"?{urlencode(opened)}#line-{row[0]}"
            return FigureLink(address=address, is_open=is_open and _figure() == figure)

        found = self._why(written, criteria) if is_open else None
        return line_face(row, headings, owed=self.owed, link=link, why=found)

    def _why(self, written: str, criteria: Criteria) -> Why:
        if not _KEY.fullmatch(written):
            abort(404)
        explanation = self.explain(tuple(map(int, written.split("-"))), criteria)
        if explanation is None:
            abort(404)
        has_span = len(criteria.months) > 1
        return why(explanation, _figure(), is_summary=self.is_summary, has_span=has_span)

    def _left_out(self, criteria: Criteria, limit: int, offset: int) -> tuple[list[list[LeftOut]], int]:
        """A row for each licence, which holds a part for each reason."""
        parts, total = left_out_page(
            criteria.months, criteria.wanted, actor=current_actor(), zone=moment().zone, limit=limit, offset=offset
        )
        by_licence: dict[int | str, list[LeftOut]] = {}
        for part in parts:
            by_licence.setdefault(part.history.billed.key, []).append(part)
        return list(by_licence.values()), total


def _page_arguments() -> dict[str, str]:
    return {name: request.args[name] for name in ("page", "page_size") if name in request.args}


def _licences_displayed(page: Page[Any]) -> str:
    """A licence may have a row for each reason, so what is counted is said."""
    return ngettext(
        "Displaying %(first)s to %(last)s of %(total)s subscription",
        "Displaying %(first)s to %(last)s of %(total)s subscriptions",
        page.total,
        first=number(page.first),
        last=number(page.last),
        total=number(page.total),
    )


_NOTHING = ReportTotals(lines=0, quantity=0, end_user_cents=0, fee_cents=0)


def _figure() -> str:
    asked = request.args.get("figure", "")
    return asked if asked in FIGURES else "fee"


def _caption(criteria: Criteria) -> str:
    """What the table holds, behind its name: Bluth Company, 2017-07, as of 22.07.2017 12:00."""
    if not criteria.months:
        return ""
    first, last = str(criteria.months[0]), str(criteria.months[-1])
    months = first if first == last else _("%(first)s to %(last)s", first=first, last=last)
    wanted = criteria.wanted
    parts = [criteria.reseller_name or _("all resellers"), wanted.customer, months, criteria.product_name, wanted.sku]
    if criteria.asked_as_of is not None:
        parts.append(_("as of %(instant)s", instant=minute(criteria.asked_as_of, zone=moment().zone)))
    return ", ".join(part for part in parts if part)


def _running(criteria: Criteria) -> dict[str, str]:
    """What a page says of a month that has not ended."""
    if not criteria.is_running:
        return {}
    month = criteria.months[-1]
    instant = minute(criteria.wanted.as_of.replace(microsecond=0), zone=moment().zone)
    return {"running": month_and_year(month), "next_month": month_and_year(month.next()), "so_far": instant}


def _ahead(criteria: Criteria) -> str:
    """An as of instant that is to come, as it is shown; empty for one that has been."""
    instant = criteria.asked_as_of
    return "" if instant is None or instant <= moment().now else minute(instant, zone=moment().zone)


def _too_long_for_word(lines: int) -> str:
    values = {"lines": f"{lines:,}", "most": f"{MOST_IN_WORD:,}"}
    return _("The report has %(lines)s lines and a Word file holds at most %(most)s: choose less, or Export.", **values)
