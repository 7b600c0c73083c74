"""The page of one request, and what people decide about it: adopt, send again, close, cancel while it waits."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext as _

from access import Permission
from admin_views.customer_fields import blame
from admin_views.figures import said
from admin_views.request_forms import AdoptForm, CloseForm, read_statement
from admin_views.request_life import cancel_words
from admin_views.request_panel import lateness, page_parts
from admin_views.shell import current_actor, house, moment
from jobs.dispatch import wake, wake_adoption, wake_drain
from operations.cancel_command import cancel_command
from operations.decision_refusals import AlreadyDecided, DecisionRefused
from operations.gateway_holds import release_hold
from operations.parked_commands import close_parked, confirm_absent
from operations.record_refusals import FieldsRefused
from operations.refusals import NotFound
from operations.state_adoption import state_adoption
from queries.command_life import CommandLife, NoSuchCommand, command_life
from queries.listing import as_id

_UNPROCESSABLE = 422
Answer = Any


def find_life(text: str | None) -> CommandLife:
    """The life of that request; a foreign one and a missing one are the same 404."""
    try:
        return command_life(as_id(text), actor=current_actor(), zone=moment().zone)
    except NoSuchCommand:
        abort(404)


class RequestCaseViews:
    """Mixed into the screen of Requests, whose rows these pages are."""

    render: Any
    get_url: Any

    @expose("/case/")
    def details_view(self) -> Answer:
        life = find_life(request.args.get("id"))
        return self.render("requests/details.html", **page_parts(life))

    @expose("/case/live/")
    def live_view(self) -> Answer:
        """The parts of the page that move; nothing while nothing has changed."""
        parts = page_parts(find_life(request.args.get("id")))
        if request.args.get("seen") == parts["seen"]:
            return Response(status=204)
        return self.render("requests/live.html", **parts)

    @expose("/case/adopt/", methods=("POST",))
    def adopt_view(self) -> Answer:
        current_actor().require(Permission.SETTLE_UNKNOWN)
        life, form = find_life(request.args.get("id")), AdoptForm()
        statement = read_statement(form, life)
        if statement is None:
            return self._again(life, adopt_form=form)

        def state() -> str:
            state_adoption(statement, actor=current_actor(), moment=moment())
            wake_adoption(statement.command_id, redis_url=house().config.redis_url)
            return _("Noted. The vendor is read before it is saved.")

        return self._decided(life, state, adopt_form=form)

    @expose("/case/absent/", methods=("POST",))
    def absent_view(self) -> Answer:
        life = find_life(request.args.get("id"))

        def queue() -> str:
            command = confirm_absent(
                life.command.id,
                attempt=as_id(request.form.get("attempt")) or 0,
                actor=current_actor(),
                moment=moment(),
                lateness=lateness(),
            )
            wake(command.id, redis_url=house().config.redis_url)
            return _("Queued: the same request, with the same reference, is sent once more.")

        return self._decided(life, queue)

    @expose("/case/close/", methods=("POST",))
    def close_view(self) -> Answer:
        life, form = find_life(request.args.get("id")), CloseForm()

        def close() -> str:
            attempt = as_id(form.attempt.data) or 0
            reason = form.reason.data or ""
            close_parked(life.command.id, attempt=attempt, reason=reason, actor=current_actor(), moment=moment())
            return _("Closed. It is not sent again.")

        return self._decided(life, close, close_form=form)

    @expose("/cancel/", methods=("POST",))
    def cancel_view(self) -> Answer:
        life = find_life(request.args.get("id"))

        def cancel() -> str:
            command = cancel_command(life.command.id, actor=current_actor(), moment=moment())
            return cancel_words(command)[1]

        return self._decided(life, cancel)

    @expose("/release/", methods=("POST",))
    def release_view(self) -> Answer:
        """Let a gateway on hold be used again."""
        gateway = request.form.get("gateway", "")
        try:
            # PostgreSQL refuses to look for a NUL, which no name has.
            release_hold(gateway.replace("\0", ""), actor=current_actor(), moment=moment())
            wake_drain(redis_url=house().config.redis_url)
            flash(_("Released: what is queued is sent now."), "success")
        except NotFound:
            flash(_("Nothing is on hold any more."), "warning")
        except DecisionRefused as refused:
            flash(said(refused.reason), "error")
        return redirect(self.get_url(".index_view"), 303)

    def _decided(self, life: CommandLife, decide: Callable[[], str], **forms: Any) -> Answer:
        """Carry out a decision and show the page anew; what is wrong with a form stands in the form."""
        try:
            flash(decide(), "success")
        except FieldsRefused as refused:
            for form in forms.values():
                blame(form, refused.problems)
            return self._again(life, **forms)
        except NotFound:
            abort(404)
        except AlreadyDecided:
            flash(_("Nothing was changed: the request has moved on meanwhile. This is how it stands now."), "warning")
        except DecisionRefused as refused:
            flash(said(refused.reason), "error")
        return redirect(self.get_url(".details_view", id=life.command.id), 303)

    def _again(self, life: CommandLife, **forms: Any) -> Answer:
        return self.render("requests/details.html", **page_parts(life, **forms)), _UNPROCESSABLE
