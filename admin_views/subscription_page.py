"""Subscription (Edit Content): everything about one licence, and what a command on its way changes of it."""

from typing import Any

from flask import Response, abort, make_response, request
from flask_admin import expose

from admin_views.shell import current_actor
from admin_views.subscription_parts import page_parts
from licensing.search_key import search_key
from models import Subscription
from queries.licences import NoSuchSubscription
from queries.listing import as_id
from queries.subscription_page import SubscriptionPage, subscription_page

_WORDS_IN_FILE_NAME = 6


def find_page(text: str | None) -> SubscriptionPage:
    """The subscription of that id; a foreign one and a missing one are the same 404."""
    try:
        return subscription_page(as_id(text), actor=current_actor())
    except NoSuchSubscription:
        abort(404)


class SubscriptionPageViews:
    """Mixed into the screen of the Subscription List, whose rows these pages are. All of it only reads."""

    render: Any
    reading = frozenset({"edit_view", "live", "activation_code"})

    @expose("/edit/")
    def edit_view(self) -> Any:
        page = find_page(request.args.get("id"))
        parts = page_parts(page, followed=as_id(request.args.get("command")))
        return self.render("subscriptions/page.html", **parts)

    @expose("/live/")
    def live(self) -> Any:
        """The parts of the page that a command changes; nothing while nothing has changed."""
        page = find_page(request.args.get("id"))
        parts = page_parts(page, followed=as_id(request.args.get("command")))
        if request.args.get("seen") == parts["seen"]:
            return Response(status=204)
        return self.render("subscriptions/live.html", **parts)

    @expose("/activation-code/")
    def activation_code(self) -> Any:
        """The Activation Code as a text file to send to the customer."""
        subscription = find_page(request.args.get("id")).subscription
        if not subscription.activation_code:
            abort(404)
        response = make_response(f"{subscription.activation_code}\r\n")
        response.mimetype = "text/plain"
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(subscription)}"'
        return response


def _file_name(subscription: Subscription) -> str:
    """activation-code-prerada-voca-d-o-o-3800c301.txt: ASCII letters and figures only, whatever the company's name."""
    name = search_key(subscription.customer.company_name)
    plain = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in name)
    words = plain.split()[:_WORDS_IN_FILE_NAME]
    return "-".join(["activation-code", *words, subscription.subscription_id[:8]]) + ".txt"
