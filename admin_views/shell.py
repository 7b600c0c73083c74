"""What every screen stands in: who asks, what the menu offers, what the page frame shows. No screen of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from operator import itemgetter
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, make_response, redirect, request, url_for
from flask_admin.base import Admin
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import Field
from wtforms.form import BaseForm

from access import Actor, Permission
from assets import Assets
from auth.login import SignedIn
from config import VERSION, Config
from licensing.moment import Moment
from licensing.states import CommandKind


@dataclass(frozen=True, slots=True)
class House:
    """What an application was built with, and its menu. not_offered: what the vendor's service cannot do, and why."""

    config: Config
    assets: Assets
    admin: Admin = field(repr=False)
    not_offered: Mapping[CommandKind, str]


def house() -> House:
    """The House of the application that serves this request."""
    found: House = current_app.extensions["seatdesk"]
    return found


def moment() -> Moment:
    """Business and real time, read once in a request, with the distributor's zone."""
    if "moment" not in g:
        config = house().config
        g.moment = config.clock.moment(config.zone)
    return g.moment


def local(instant: datetime) -> datetime:
    """The instant as it reads in the distributor's zone."""
    return instant.astimezone(house().config.zone)


def csp_nonce() -> str:
    """The nonce of this response."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def signed_in() -> SignedIn | None:
    """The signed-in user of this request."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001


def require_signed_in() -> SignedIn:
    """The signed-in user; 401 for anonymous, whom the gate never lets through to a screen."""
    return signed_in() or abort(401)


def current_actor() -> Actor:
    """The Actor of this request; 401 for anonymous."""
    return require_signed_in().actor


class Required:
    """Marks a form field for the eye and the browser; what is wrong with a value is said by the operation."""

    field_flags = {"required": True}

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Nothing to judge here."""


class Group(IntEnum):
    """The parts of the left menu, from top to bottom."""

    SUBSCRIPTIONS = 1
    REPORTS = 2
    REGISTER = 3
    DESK = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where a screen stands in the left menu."""

    group: Group
    order: int


class Screen:
    """Mixed into every Flask-Admin view, before it: denied to anonymous and to whoever lacks the permission."""

    place: Place | None = None
    permission: Permission = Permission.READ

    def is_accessible(self) -> bool:
        who = signed_in()
        return who is not None and who.actor.may(self.permission)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:  # noqa: ARG002 - Flask-Admin's hook
        return to_login() if signed_in() is None else abort(403)


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the menu."""

    label: str
    address: str
    is_current: bool


def _entry(view: Any) -> Entry:
    return Entry(
        label=view.name,
        address=url_for(f"{view.endpoint}.{view._default_view}"),  # noqa: SLF001 - Flask-Admin offers no other way
        is_current=request.blueprint == view.endpoint,
    )


def _entries(group: Group) -> list[Entry]:
    screens = [view for view in house().admin._views if isinstance(view, Screen) and view.is_accessible()]  # noqa: SLF001
    placed = [(view.place.order, view) for view in screens if view.place and view.place.group is group]
    return [_entry(view) for _order, view in sorted(placed, key=itemgetter(0))]


def menu() -> list[tuple[str, list[Entry]]]:
    """The parts of the menu that hold anything for this user, each with its heading."""
    if require_signed_in().user.must_change_password:
        return []
    headings = {Group.REPORTS: _("Reports"), Group.REGISTER: _("Register")}
    parts = [(headings.get(group, ""), _entries(group)) for group in Group]
    return [part for part in parts if part[1]]


def whose() -> str:
    """What stands beside the name: the reseller of its people, the role of everybody else."""
    user = current_user.user
    return user.reseller.name if user.reseller is not None else _(user.role)


def link_to(endpoint: str, **values: Any) -> str:
    """The address of a screen, empty while there is no such screen."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def is_htmx() -> bool:
    """Whether htmx asks, which follows no redirect to a whole page."""
    return request.headers.get("HX-Request") == "true"


def _here() -> str:
    if is_htmx():
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        return shown.path + (f"?{shown.query}" if shown.query else "")
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def to_login() -> Response:
    """Send an anonymous browser to the sign-in page, and from there back to where it wanted to be."""
    here = _here()
    address = url_for("login.show", next=here) if here not in {"", "/"} else url_for("login.show")
    if is_htmx():
        return make_response("", 401, {"HX-Redirect": address})
    return redirect(address, 303)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page frame shows, under the one name `shell`, so that no screen's own value can stand in its place."""

    version: str
    zone: str

    def menu(self) -> list[tuple[str, list[Entry]]]:
        """The left menu."""
        return menu()

    def user(self) -> str:
        """The name of whoever is signed in."""
        return str(require_signed_in().user)

    def whose(self) -> str:
        """What stands beside the name."""
        return whose()


def frame() -> dict[str, object]:
    """What every template has besides its own values."""
    shell = Frame(version=VERSION, zone=house().config.zone.key)
    return {"asset": house().assets.address, "csp_nonce": csp_nonce, "shell": shell}
