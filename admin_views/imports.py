"""Excel round trip: upload an edited Subscription List, and see which commands its changes need."""

from typing import Any

from flask import redirect, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from access import Permission
from admin_views.figures import number, said
from admin_views.sheet_page import limits_words, marked_sheet, own_upload, page_of, problem_rows, sent_file
from admin_views.shell import Screen, current_actor, moment
from admin_views.subscription_list import exported_texts
from imports.refusals import SheetRefused
from models import Upload
from operations.sheet_changes import CHANGES, take_changes

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
        content, name = sent_file()
        if not name:
            return self._form(_("Choose a file.")), 422
        try:
            upload = take_changes(
                content, file_name=name, as_exported=exported_texts(), actor=current_actor(), moment=moment()
            )
        except SheetRefused as refused:
            return self._form(said(refused.reason), name), 422
        return redirect(url_for("imports.view", id=upload.id), 303)

    @expose("/view/")
    def view(self) -> Answer:
        upload = own_upload(CHANGES)
        problems, pages = page_of(problem_rows(upload), address=_address(upload), kept={"id": str(upload.id)})
        return self.render("imports/changes.html", upload=upload, problems=problems, pager=pages, **_facts(upload))

    @expose("/errors.xlsx")
    def errors(self) -> Answer:
        return marked_sheet(own_upload(CHANGES), name="subscriptions-errors")

    def _form(self, problem: str = "", file_name: str = "") -> str:
        return self.render("imports/upload.html", problem=problem, file_name=file_name, limits=limits_words())


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
