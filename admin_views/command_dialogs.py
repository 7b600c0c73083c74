"""The seven commands of a subscription's page: dialogs or unlocked forms, the impact of what is typed, and Yes."""

from typing import Any

from flask import abort, make_response, redirect, request, url_for
from flask_admin import expose

from admin_views.command_asking import ask, card
from admin_views.command_form import CommandForm, fresh_form
from admin_views.command_sending import NotSent, again, send
from admin_views.command_words import UNLOCKING
from admin_views.shell import is_htmx
from admin_views.subscription_page import find_page
from admin_views.subscription_parts import Asked, page_parts
from licensing.lifecycle import BUTTONS
from licensing.search_key import search_key
from licensing.states import CommandKind
from models import Command
from queries.subscription_page import SubscriptionPage


class CommandViews:
    """Mixed into the screen of the Subscription List. Every address here needs the right to run commands."""

    render: Any

    @expose("/command/")
    def command(self) -> Any:
        """The dialog of a command, or the page with its form unlocked."""
        kind = _kind()
        page = find_page(request.args.get("id"))
        return self._shown(page, ask(page, kind, fresh_form(page, kind)))

    @expose("/command/impact/")
    def command_impact(self) -> Any:
        """What the command would do with the values that are being typed."""
        kind = _kind()
        page = find_page(request.args.get("id"))
        form = CommandForm(formdata=request.args)
        return self.render("subscriptions/impact.html", card=card(page, kind, form))

    @expose("/command/", methods=("POST",))
    def send_command(self) -> Any:
        """Ask for the command; what is wrong comes back in the form with what was typed."""
        kind = _kind()
        page = find_page(request.values.get("id"))
        form = CommandForm()
        if request.form.get("meant") == "new":
            form.named_apart.data = search_key(form.company_name.data or "")
        sent = send(form, page, kind)
        if isinstance(sent, NotSent):
            page = find_page(request.values.get("id"))
            asked = ask(page, kind, form, refused=sent.refused, conflict=sent.conflict, twin=sent.twin)
            return self._shown(page, asked, status=sent.status)
        return self._following(page, sent)

    @expose("/send-again/", methods=("POST",))
    def send_again(self) -> Any:
        """Ask for this licence to get the customer's details as they are wanted."""
        page = find_page(request.values.get("id"))
        form = CommandForm()
        sent = again(form, page)
        if isinstance(sent, NotSent):
            page = find_page(request.values.get("id"))
            kind = CommandKind.MODIFY_ATTRIBUTES
            asked = ask(page, kind, fresh_form(page, kind), refused=sent.refused, conflict=sent.conflict)
            return self._shown(page, asked, status=sent.status)
        return self._following(page, sent)

    def _shown(self, page: SubscriptionPage, asked: Asked, *, status: int = 200) -> Any:
        is_unlocking = asked.kind in UNLOCKING
        if is_htmx() and not is_unlocking:
            dialog = dialog_parts(page, asked)
            return self.render("subscriptions/dialog.html", **dialog), status
        parts = page_parts(page, asked=asked if is_unlocking else None)
        if is_htmx():
            return self.render("subscriptions/live.html", **parts), status
        dialog = {} if is_unlocking else dialog_parts(page, asked)
        return self.render("subscriptions/page.html", **{**parts, **dialog}, has_dialog=not is_unlocking), status

    def _following(self, page: SubscriptionPage, command: Command) -> Any:
        """The page while the command is on its way."""
        if not is_htmx():
            address = url_for("subscriptions.edit_view", id=page.subscription.id, command=command.id)
            return redirect(address, 303)
        parts = page_parts(find_page(str(page.subscription.id)), followed=command.id)
        response = make_response(self.render("subscriptions/live.html", **parts))
        response.headers.update({"HX-Retarget": "#live", "HX-Reswap": "outerHTML", "HX-Trigger": "command-sent"})
        return response


def dialog_parts(page: SubscriptionPage, asked: Asked) -> dict[str, Any]:
    """What the template of a dialog shows."""
    subscription = page.subscription
    whose = f"{subscription.customer.company_name} · {subscription.product.name}"
    return {"pk": subscription.id, "whose": whose, "dialog": asked}


def _kind() -> CommandKind:
    """One of the seven; nothing else has an address."""
    name = request.values.get("kind", "")
    return next((kind for kind in BUTTONS if kind == name), None) or abort(404)
