"""The bar below the Subscription List: tick rows, or take all that match, and choose a command for them."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin_views import exports
from admin_views.bulk_form import WITHOUT_VALUES, kind_of
from admin_views.figures import number, said
from admin_views.list_filters import Filtering
from admin_views.shell import current_actor, moment
from admin_views.vendor_offer import not_offered
from licensing.bulk import BulkCommand
from licensing.states import CommandKind
from licensing.terms import local_date
from models import Selection
from operations.bulk_refusals import BulkRefused
from operations.plan_selection import plan_selection
from operations.refusals import NotFound
from operations.select_rows import select_matching, select_ticked
from queries.listing import Page, as_id
from queries.selection import selected_subscriptions

# In the order of the mockup; Edit and Recreate open the one ticked row.
BAR_KINDS = (
    CommandKind.SOFT_CANCEL,
    CommandKind.HARD_CANCEL,
    CommandKind.MODIFY_ATTRIBUTES,
    CommandKind.MODIFY_QUANTITY,
    CommandKind.REDUCE,
    CommandKind.RECREATE,
    CommandKind.RENEW,
)
_MARKS = {CommandKind.HARD_CANCEL: "red", CommandKind.RENEW: "green"}
EDIT = "Edit"


class SelectionViews:
    """Mixed into the Subscription List."""

    def bar(self: Any, page: Page[Any]) -> dict[str, Any] | None:
        """What the bar shows; None for whoever may not run commands, or where there is no row."""
        if not self.may_write() or not page.rows:
            return None
        total = number(page.total) if page.is_exact else _("more than %(limit)s", limit=number(page.total - 1))
        return {
            "address": self._address(".select_view"),
            "total": total,
            "commands": [(str(kind), _MARKS.get(kind, "")) for kind in BAR_KINDS],
            "exports": [kind.upper() for kind in exports.TYPES],
            "keys": [row.id for row in page.rows],
        }

    @expose("/select/", methods=("POST",))
    def select_view(self: Any) -> Response:
        word = request.form.get("command", "")
        ticked = [as_id(text) or abort(404) for text in request.form.getlist("row")]
        if word.lower() in exports.TYPES:
            return self._export_chosen(word.lower(), ticked)
        if word in {EDIT, CommandKind.RECREATE}:
            return self._open_one(word, ticked)
        kind = kind_of(word) or abort(400)
        if not_offered(kind):
            flash(not_offered(kind), "error")
            return redirect(self._address(), 303)
        try:
            selection = self._selected(ticked)
            if kind in WITHOUT_VALUES:
                plan_selection(selection.id, BulkCommand(kind), actor=current_actor(), moment=moment())
        except BulkRefused as refused:
            flash(said(refused.reason), "error")
            return redirect(self._address(), 303)
        except NotFound:
            abort(404)
        return redirect(url_for("plans.index", id=selection.id, command=str(kind)), 303)

    def _export_chosen(self: Any, export_type: str, ticked: list[int]) -> Response:
        """The ticked rows in the order of the list; all that match are the export of the list itself."""
        if request.form.get("scope") == "all":
            return redirect(self._address(".export", export_type=export_type), 303)
        try:
            selection = select_ticked(ticked, actor=current_actor(), moment=moment())
        except BulkRefused as refused:
            flash(said(refused.reason), "error")
            return redirect(self._address(), 303)
        except NotFound:
            abort(404)
        today = local_date(moment().now, moment().zone)
        return exports.export_response(
            export_type,
            title=str(self.name),
            name=self.export_name,
            columns=self.export_columns,
            rows=selected_subscriptions(selection, actor=current_actor(), today=today),
        )

    def _open_one(self: Any, word: str, ticked: list[int]) -> Response:
        if len(ticked) != 1:
            flash(_("%(command)s opens one subscription: tick one row.", command=word), "error")
            return redirect(self._address(), 303)
        return redirect(url_for("subscriptions.edit_view", id=ticked[0]), 303)

    def _selected(self: Any, ticked: list[int]) -> Selection:
        if request.form.get("scope") != "all":
            return select_ticked(ticked, actor=current_actor(), moment=moment())
        state: Filtering = self._filtering()
        if state.problems:
            abort(400)
        return select_matching(
            self.wanted(state.values),
            order=self._page_request(),
            filter_text=self._filter_words(state),
            actor=current_actor(),
            moment=moment(),
        )

    def _filter_words(self: Any, state: Filtering) -> str:
        shown = [entry for entry in self.shown_filters() if entry.name in state.texts]
        return ", ".join(f"{entry.label} {entry.words(state.texts[entry.name])}" for entry in shown)
