"""Excel round trip: upload an edited Subscription List, and see which commands its changes need."""

from typing import Any

from flask import redirect, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from access import Permission
from admin_views.figures import number, said
from admin_views.sheet_page import (
    form_facts,
    marked_sheet,
    own_upload,
    page_of,
    problem_rows,
    read_upload,
    sent_name,
    taken_upload,
    unread_page,
)
from admin_views.shell import Screen
from imports.refusals import SheetRefused
from models import Upload
from operations.sheet_changes import CHANGES

_NAMED_ROWS = 10
Answer = Response | tuple[str, int] | str


class ImportView(Screen, BaseView):
    """Reached from the Subscription List."""

    permission = Permission.RUN_COMMANDS

    def __init__(self) -> None:
        super().__init__(name=_l("Upload sheet"), endpoint="imports", url="/imports")

    @expose("/")
    def index(self) -> Answer:
        return self._form()

    @expose("/", methods=("POST",))
    def take(self) -> Answer:
        try:
            upload = taken_upload(CHANGES)
        except SheetRefused as refused:
            return self._form(said(refused.reason), sent_name()), 422
        return redirect(url_for("imports.view", id=upload.id), 303)

    @expose("/view/")
    def view(self) -> Answer:
        upload = own_upload(CHANGES)
        return unread_page(self, upload, form=self._form) or self._changes(upload)

    @expose("/errors.xlsx")
    def errors(self) -> Answer:
        return marked_sheet(read_upload(CHANGES), name="subscriptions-errors")

    def _changes(self, upload: Upload) -> str:
        problems, pages = page_of(problem_rows(upload), address=_address(upload), kept={"id": str(upload.id)})
        return self.render("imports/changes.html", upload=upload, problems=problems, pager=pages, **_facts(upload))

    def _form(self, problem: str = "", file_name: str = "") -> str:
        return self.render("imports/upload.html", **form_facts(CHANGES, problem=problem, file_name=file_name))


def _address(upload: Upload) -> Any:
    return lambda **changes: url_for("imports.view", **{"id": upload.id, **changes})


def _facts(upload: Upload) -> dict[str, Any]:
    result = upload.result
    changed = sum(chosen["rows"] for chosen in result["selections"])
    return {
        "rows": number(result["rows"]),
        "unchanged": number(result["unchanged"]),
        "changed": number(changed),
        "wrong": number(len({problem[0] for problem in result["problems"]})),
        "selections": [{**chosen, "rows": number(chosen["rows"])} for chosen in result["selections"]],
        "later": _named(result["later"]),
        "without_id": _named(result["without_id"]),
        "ignored": [(title, _named(rows)) for title, rows in result["ignored"].items()],
    }


def _named(rows: list[int]) -> str:
    """Row numbers in words: 3, 4, 9 and 12 more."""
    first = ", ".join(map(number, rows[:_NAMED_ROWS]))
    more = len(rows) - _NAMED_ROWS
    return _("%(rows)s and %(more)s more", rows=first, more=number(more)) if more > 0 else first
